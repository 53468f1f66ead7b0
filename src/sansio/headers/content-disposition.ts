import { parseParameters } from './parameters.ts'

/** What a Content-Disposition says. */
export interface ContentDisposition {
  /** `form-data`, `attachment`, … in lower case. */
  readonly type: string
  /** The form field's name. */
  readonly name: string | undefined
  /** The file's name as its sender wrote it: not cleaned, never to be used as a path. */
  readonly filename: string | undefined
}

/**
 * Reads a Content-Disposition: that of a part, or that of a raw upload's request.
 *
 * `%22`, `%0D` and `%0A` are decoded, because browsers encode exactly these three; any other percent sign is itself.
 * `filename*` is ignored (RFC 7578 section 4.2 forbids it in forms).
 *
 * @param decodeUtf8 give it when `text` has one character per byte (HTTP headers as Node and Fetch hand them out), so
 * that UTF-8 names are read as such
 * @returns undefined when the value is malformed, e.g. two `filename` parameters
 * @example parseContentDisposition('form-data; name="f"; filename="a%22b.txt"')?.filename // 'a"b.txt'
 */
export function parseContentDisposition(
  text: string,
  decodeUtf8?: (bytes: Uint8Array) => string,
): ContentDisposition | undefined {
  const parsed = parseParameters(decodeUtf8 ? redecode(text, decodeUtf8) : text)
  if (!parsed) return undefined
  const name = parsed.parameters.get('name')
  const filename = parsed.parameters.get('filename')
  return { type: parsed.value, name: name && unescapeName(name), filename: filename && unescapeName(filename) }
}

/** Undoes what browsers do to names in a form: `%22`, `%0D`, `%0A` and nothing else. */
function unescapeName(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%(?:22|0d|0a)/gi, code => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
}

/** Text with a character per byte, read again as UTF-8. Text that can not be bytes stays as it is. */
function redecode(text: string, decodeUtf8: (bytes: Uint8Array) => string): string {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff) return text
    bytes[i] = code
  }
  return decodeUtf8(bytes)
}
