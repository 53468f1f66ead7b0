import { encodeUtf8 } from '../../bytes/utf8.ts'
import { parseContentDisposition } from '../../headers/content-disposition.ts'
import { parseParameters } from '../../headers/parameters.ts'

/**
 * The file name of a Content-Disposition in a request: `filename*` if it can be read, else `filename` (RFC 6266
 * section 4.3).
 *
 * @param decodeUtf8 bytes to text, bad bytes to U+FFFD
 * @returns undefined when there is none; never cleaned
 * @example dispositionName(`inline; filename="a.jpg"; filename*=UTF-8''%C3%A4.jpg`, decodeUtf8) // 'ä.jpg'
 */
export function dispositionName(field: string | null, decodeUtf8: (bytes: Uint8Array) => string): string | undefined {
  if (field === null) return undefined
  const extended = parseParameters(field)?.parameters.get('filename*')
  const name = extended === undefined ? undefined : decodeExtended(extended, decodeUtf8)
  return name || parseContentDisposition(field, decodeUtf8)?.filename || undefined
}

/** An extended value in UTF-8, the only charset that must be read (RFC 8187 section 3.2). */
function decodeExtended(value: string, decodeUtf8: (bytes: Uint8Array) => string): string | undefined {
  const match = /^utf-8'[\w-]*'((?:%[0-9a-f]{2}|[\w!#$&+.^`|~-])*)$/i.exec(value)
  if (!match) return undefined
  const bytes: number[] = []
  for (const [piece] of (match[1] as string).matchAll(/%[0-9a-f]{2}|[^%]+/gi)) {
    if (piece.startsWith('%')) bytes.push(Number.parseInt(piece.slice(1), 16))
    else bytes.push(...encodeUtf8(piece))
  }
  return decodeUtf8(Uint8Array.from(bytes))
}
