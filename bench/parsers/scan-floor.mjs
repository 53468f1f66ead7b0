/** No parser: `indexOf` of the delimiter over each chunk, and over the seam of two. What no streaming parser can leave out. */
export const packages = []

export function parse(boundary, chunks) {
  const needle = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const reach = needle.length - 1
  const seam = Buffer.alloc(2 * reach)
  let [bytes, parts, kept] = [0, 0, 0]
  for (const chunk of chunks) {
    const ahead = Math.min(reach, chunk.length)
    chunk.copy(seam, kept, 0, ahead)
    const across = seam.indexOf(needle)
    if (across >= 0 && across < kept) parts++
    for (let at = chunk.indexOf(needle); at >= 0; at = chunk.indexOf(needle, at + needle.length)) parts++
    bytes += chunk.length
    kept = chunk.copy(seam, 0, chunk.length - ahead)
  }
  return { bytes, parts }
}
