import { UploadError } from '../errors.ts'
import { parseParameters } from '../headers/parameters.ts'

/** RFC 2046 section 5.1.1. */
const maxBoundaryLength = 70
const boundaryPunctuation = "'()+_,-./:=? "

/**
 * The boundary of a `multipart/form-data` body.
 *
 * @param contentType the request's Content-Type, null when it has none
 * @throws UploadError `unsupported-media-type` when it is not multipart/form-data, `missing-boundary` when there is no
 * boundary, `malformed-multipart` when there are two, or one that RFC 2046 section 5.1.1 does not allow (1 to 70
 * letters, digits and `'()+_,-./:=?` or space, not ending in a space)
 * @example boundaryOf('multipart/form-data; boundary=abc') // 'abc'
 */
export function boundaryOf(contentType: string | null): string {
  const text = contentType ?? ''
  const semicolon = text.indexOf(';')
  const type = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase()
  if (type !== 'multipart/form-data') throw new UploadError('unsupported-media-type')
  const parsed = parseParameters(text)
  if (!parsed) throw new UploadError('malformed-multipart')
  for (const name of parsed.parameters.keys()) {
    // `boundary*=` and `boundary*0=` (RFC 2231) are a second boundary for some readers.
    if (name.startsWith('boundary*')) throw new UploadError('malformed-multipart')
  }
  const boundary = parsed.parameters.get('boundary')
  if (!boundary) throw new UploadError('missing-boundary')
  if (!isBoundary(boundary)) throw new UploadError('malformed-multipart')
  return boundary
}

/** Whether RFC 2046 section 5.1.1 allows this boundary. */
export function isBoundary(text: string): boolean {
  if (text.length < 1 || text.length > maxBoundaryLength || text.endsWith(' ')) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const letterOrDigit =
      (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
    if (!letterOrDigit && !boundaryPunctuation.includes(text[i] as string)) return false
  }
  return true
}
