/** What the child writes and the test expects: bytes that tell the upload and the place. */
export const pieceSize = 200_000

export function contentAt(id: string, offset: number, length: number): Uint8Array {
  const seed = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (Math.imul(offset + at, 2654435761) + seed) >>> 24
  return bytes
}
