/** base64 with padding (RFC 4648 section 4), strict: one text for one value. */
import { decodeBase64Url, encodeBase64Url } from './base64url.ts'

/** @example encodeBase64(Uint8Array.of(255)) // '/w==' */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encodeBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/**
 * The bytes of a text, or undefined when it is not exactly what {@link encodeBase64} writes: missing padding, foreign
 * letters, spaces, or bits set that stand for nothing.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text)
  if (!match || text.length % 4 !== 0) return undefined
  return decodeBase64Url((match[1] as string).replaceAll('+', '-').replaceAll('/', '_'))
}
