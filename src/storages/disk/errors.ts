/** From what the operating system says to what a person reads. */
import { isUploadError, UploadError, type UploadErrorCode } from '../../sansio/errors.ts'

const codes: Readonly<Record<string, UploadErrorCode>> = {
  ENOSPC: 'storage-full',
  EDQUOT: 'storage-full',
  // The file system's own limit for one file: there is no space for *this* file.
  EFBIG: 'storage-full',
  EMFILE: 'server-busy',
  ENFILE: 'server-busy',
  ENAMETOOLONG: 'name-not-allowed',
}

/**
 * Any failure of the file system as an `UploadError`. Its sentence is the default one of the code, so it never holds a
 * path or an errno; those are in `cause`, for the log.
 *
 * @param error what was thrown; an `UploadError` is returned as it is
 */
export function storageError(error: unknown): UploadError {
  if (isUploadError(error)) return error
  const code = codes[errnoOf(error) ?? ''] ?? 'storage-failed'
  return new UploadError(code, undefined, {
    cause: error,
    ...(code === 'server-busy' ? { headers: { 'Retry-After': '2' } } : {}),
  })
}

/** A call out of turn: our caller's mistake. The person reads the general sentence, the log the reason. */
export function misuse(reason: string): UploadError {
  return new UploadError('storage-failed', undefined, { cause: new Error(reason) })
}

/** `'ENOENT'` and the like; undefined when the error is not one of the operating system. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** For `promise.catch(unless('ENOENT'))`: passes over the named failures, throws every other. */
export function unless(...errnos: readonly string[]): (error: unknown) => void {
  return error => {
    if (!errnos.includes(errnoOf(error) ?? '')) throw error
  }
}
