/** Who wants to see the first bytes of a file before any of them is stored. */
import type { FileFacts } from '../sansio/errors.ts'
import { checkContent, inspectsContent } from '../sansio/policy/policy.ts'
import { type Pipeline, refuse } from './pipeline.ts'
import type { UploadContext } from './types.ts'

/** Judges the first bytes of a file. Rejects to refuse it. */
export type HeadJudge = (file: FileFacts, head: Uint8Array, received: number, context: UploadContext) => Promise<void>

/** The policy's look at the content, then the app's own validator; undefined where nobody looks: then nobody gathers. */
export function headJudge({ policy, messages, validate }: Pipeline): HeadJudge | undefined {
  const looks = inspectsContent(policy)
  if (!looks && !validate) return undefined
  return async (file, head, received, context) => {
    if (looks) refuse(checkContent(policy, file, head, messages))
    await validate?.({ ...file, received, head }, context)
  }
}
