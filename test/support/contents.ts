/** Content that is what its name says, for policies that look. */

/** The first bytes of a file of each kind. */
export const starts = {
  png: Buffer.from('\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0', 'latin1'),
  jpg: Buffer.from('\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'),
  gif: Buffer.from('GIF89a\x01\0\x01\0\x80\0\0', 'latin1'),
  pdf: Buffer.from('%PDF-1.7\n%\xE2\xE3\xCF\xD3\n', 'latin1'),
} as const

/** A file of a kind with more bytes behind its beginning. */
export function contentOf(kind: keyof typeof starts, more: string | Uint8Array = ''): Buffer {
  return Buffer.concat([starts[kind], typeof more === 'string' ? Buffer.from(more) : more])
}
