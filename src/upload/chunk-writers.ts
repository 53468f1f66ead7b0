/** Requests that write chunks do so without the upload's lock. Whoever needs the upload for himself ends them first. */
import { UploadError } from '../sansio/errors.ts'
import type { Cut } from './cut.ts'
import { toUploadError } from './pipeline.ts'
import type { Locker } from './ports.ts'
import type { ResumableRecord } from './resumable-record.ts'

/** How often a claim is asked for again when another request for the same chunk was quicker. */
const claimTries = 20

/** The id under which the locker knows the claim to a chunk. */
export function claimKey(id: string, index: number): string {
  return `${id}-${index}`
}

/**
 * Ends the writers of an upload's chunks, in whichever process: when it resolves, none of those in the record can write
 * another byte. One whose chunk has come as a whole is waited for.
 *
 * @param cut gives up waiting, for whoever holds the upload's lock: a chunk that ends needs it too
 * @throws UploadError `continued-elsewhere` when given up; `server-busy`
 */
export async function endWriters(locker: Locker, record: ResumableRecord, cut?: Cut): Promise<void> {
  const { id, writing = [] } = record
  if (writing.length === 0) return
  const signal = cut?.signal
  await Promise.all(writing.map(index => passClaim(locker, claimKey(id, index), signal)))
}

/** Takes a claim, so that its holder has to let go, and gives it back at once. */
async function passClaim(locker: Locker, key: string, signal: AbortSignal | undefined): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const claim = await locker.acquire(key, () => {}, signal)
      return await claim.release()
    } catch (error) {
      if (signal?.aborted) throw new UploadError('continued-elsewhere', undefined, { cause: error })
      if (toUploadError(error).code !== 'aborted' || tries === claimTries) throw error
    }
  }
}
