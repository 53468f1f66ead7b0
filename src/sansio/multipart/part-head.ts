import { UploadError } from '../errors.ts'
import { parseContentDisposition } from '../headers/content-disposition.ts'
import { isTokenCode, trimSpace } from '../headers/parameters.ts'

/** What a part says about itself. */
export interface PartHead {
  /** The form field's name, never empty. */
  readonly name: string
  /**
   * The file's name as its sender wrote it, not cleaned; undefined: the part is a field. It may be `''`: that is what
   * browsers send for a file input with no file chosen.
   */
  readonly filename: string | undefined
  /** MIME type in lower case without parameters, `''` if none was given. */
  readonly type: string
  /** All headers, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
}

/** Whether the part is a file (it has a `filename`) rather than a field. */
export function isFilePart(part: PartHead): boolean {
  return part.filename !== undefined
}

/**
 * Reads a part's header block.
 *
 * @param block lines that each end in CRLF, without the empty line; free of bare CR, LF, NUL and folded lines
 * @param delimiter `--boundary`: no header line may begin with it
 * @throws UploadError `malformed-multipart`, `part-without-name`, `transfer-encoding-not-supported`
 * Source: RFC 7578 section 4; WHATWG HTML "multipart/form-data encoding algorithm".
 */
export function parsePartHead(
  block: Uint8Array,
  delimiter: string,
  decodeUtf8: (bytes: Uint8Array) => string,
): PartHead {
  const headers = parseHeaders(decodeUtf8(block), delimiter)
  const encoding = headers.get('content-transfer-encoding')
  if (encoding !== undefined && !isIdentityEncoding(encoding)) throw new UploadError('transfer-encoding-not-supported')
  const text = headers.get('content-disposition')
  if (text === undefined) throw new UploadError('part-without-name')
  const disposition = parseContentDisposition(text)
  if (disposition?.type !== 'form-data') throw new UploadError('malformed-multipart')
  if (!disposition.name) throw new UploadError('part-without-name')
  return {
    name: disposition.name,
    filename: disposition.filename,
    type: mimeType(headers.get('content-type') ?? ''),
    headers,
  }
}

/** The lines of a block by lower-case name. A Map, so that a header called `__proto__` is one like any other. */
function parseHeaders(text: string, delimiter: string): Map<string, string> {
  const headers = new Map<string, string>()
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\r\n', start)
    let colon = start
    while (isTokenCode(text.charCodeAt(colon))) colon++
    const name = text.slice(start, colon).toLowerCase()
    // Repeated headers are refused rather than joined: two readers would take two different ones for the truth.
    if (name === '' || text[colon] !== ':' || headers.has(name) || text.startsWith(delimiter, start)) {
      throw new UploadError('malformed-multipart')
    }
    headers.set(name, trimSpace(text.slice(colon + 1, end)))
    start = end + 2
  }
  return headers
}

/** The encodings that leave the bytes as they are. */
function isIdentityEncoding(text: string): boolean {
  const encoding = text.toLowerCase()
  return encoding === '7bit' || encoding === '8bit' || encoding === 'binary'
}

function mimeType(text: string): string {
  const semicolon = text.indexOf(';')
  return trimSpace(semicolon < 0 ? text : text.slice(0, semicolon)).toLowerCase()
}
