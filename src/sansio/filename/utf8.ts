/** UTF-8 lengths without an encoder: file systems count bytes, JavaScript counts UTF-16 units. */

/**
 * Bytes of `text` in UTF-8.
 *
 * @example utf8Length('ü😀') // 6
 */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const letter of text) bytes += utf8Width(letter)
  return bytes
}

/**
 * The longest beginning of `text` that has at most `maxBytes` bytes in UTF-8. Never splits a code point.
 *
 * @example cutToBytes('😀😀', 7) // '😀'
 */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0
  let end = 0
  for (const letter of text) {
    bytes += utf8Width(letter)
    if (bytes > maxBytes) break
    end += letter.length
  }
  return text.slice(0, end)
}

function utf8Width(letter: string): number {
  const code = letter.codePointAt(0) as number
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}
