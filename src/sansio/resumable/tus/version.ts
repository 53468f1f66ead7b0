/** What marks a request as tus. */
import { UploadError } from '../../errors.ts'

/** The only version we speak. */
export const tusVersion = '1.0.0'

/** The type of every body with bytes of an upload. */
export const tusContentType = 'application/offset+octet-stream'

/** The refusal of a request in no version of tus or another than ours ("Core Protocol", Tus-Resumable). */
export function unsupportedVersion(): UploadError {
  return new UploadError('unsupported-version', undefined, { headers: { 'Tus-Version': tusVersion } })
}
