import { UploadError } from '../sansio/errors.ts'

/** RFC 9110 section 15.5.6: a 405 says what is allowed. */
export function notAllowed(allow: string): UploadError {
  return new UploadError('method-not-allowed', undefined, { headers: { Allow: allow } })
}
