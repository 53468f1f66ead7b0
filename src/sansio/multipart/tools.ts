/** What a runtime may do faster than plain code. */
export interface MultipartTools {
  /** `indexOf` for bytes: first place of `needle` at or after `from`, or -1. Its worst case must be linear. */
  find(haystack: Uint8Array, needle: Uint8Array, from: number): number
  /** UTF-8 to text; bad bytes become U+FFFD, nothing throws. */
  decodeUtf8(bytes: Uint8Array): string
}
