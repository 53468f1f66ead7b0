import { UploadError } from '../../sansio/errors.ts'

/** A call out of turn is our caller's mistake: the person reads the general sentence, the log the reason. */
export function failed(reason: string): UploadError {
  return new UploadError('storage-failed', undefined, { cause: new Error(reason) })
}
