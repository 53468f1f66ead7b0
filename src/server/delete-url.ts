/** The signed URL by which a file that was just uploaded can be deleted again. */
import { seal, unseal } from '../sansio/csrf/seal.ts'
import type { Signer } from '../sansio/csrf/signer.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { UploadedFile } from '../upload/types.ts'
import type { CsrfGuard } from './csrf.ts'
import type { Settings } from './options.ts'

const purpose = 'delete an uploaded file'

/** What a key says. The tag is that of the file itself: a later file of the same name is not meant. */
export interface DeleteFacts {
  readonly id: string
  readonly name: string
  readonly tag?: string
  readonly session: string
  /** The page that sent it, whose count goes down. */
  readonly page?: string | undefined
}

/** The URL that deletes a file, or undefined where that is off. It says nothing that its receiver does not know. */
export function deleteUrl(
  request: IncomingRequest,
  file: UploadedFile,
  { dropArea, path }: Settings,
  guard: CsrfGuard | undefined,
  page: string | undefined,
): string | undefined {
  if (!dropArea.deleteOnRemove || !guard?.signer) return undefined
  const { id, name, tag } = file
  const facts: DeleteFacts = { id, name, session: guard.session(request).id, page, ...(tag !== undefined && { tag }) }
  const key = seal(guard.signer, purpose, JSON.stringify(facts))
  return `${path}/${file.id}?key=${key}`
}

/** What a key of ours says; undefined for any other. */
export function readDeleteKey(signer: Signer, key: string): DeleteFacts | undefined {
  const known = unseal(signer, purpose, key)
  return known === undefined ? undefined : (JSON.parse(known) as DeleteFacts)
}
