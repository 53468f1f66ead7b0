/** base64url without padding (RFC 4648 section 5), strict: one text for one value. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** @example encodeBase64Url(Uint8Array.of(255, 254)) // '__4' */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const letters = Math.min(3, bytes.length - at) + 1
    for (let i = 0; i < letters; i++) text += alphabet[(group >> (18 - 6 * i)) & 63]
  }
  return text
}

/**
 * The bytes of a text, or undefined when it is not exactly what {@link encodeBase64Url} writes: foreign letters, padding,
 * a wrong length, or bits set that stand for nothing.
 */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of text) {
    const value = alphabet.indexOf(letter)
    if (value < 0) return undefined
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = (bits >> held) & 0xff
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined
}
