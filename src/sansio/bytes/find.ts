/**
 * The first place of `needle` in `haystack` at or after `from`, or -1: `indexOf` for bytes, for runtimes without a
 * native one.
 *
 * Knuth-Morris-Pratt behind a skip to the first byte, so it is linear in the worst case too: the sender chooses both
 * the needle (the boundary) and the haystack.
 *
 * @param from index to start at, 0 or more
 * @example findBytes(chunk, needle, 0) // 17, or -1
 */
export function findBytes(haystack: Uint8Array, needle: Uint8Array, from: number): number {
  const length = needle.length
  if (length === 0) return from <= haystack.length ? from : -1
  const first = needle[0] as number
  let table: Uint32Array | undefined
  let matched = 0
  let i = from
  while (i < haystack.length) {
    if (matched === 0) {
      i = haystack.indexOf(first, i)
      if (i < 0 || i + length > haystack.length) return -1
      matched = 1
      i++
    } else if (haystack[i] === needle[matched]) {
      matched++
      i++
    } else {
      table ??= borders(needle)
      matched = table[matched - 1] as number
      continue
    }
    if (matched === length) return i - length
  }
  return -1
}

/** For each prefix of `needle`: the length of its longest proper border (prefix that is also a suffix). */
function borders(needle: Uint8Array): Uint32Array {
  const table = new Uint32Array(needle.length)
  let border = 0
  for (let i = 1; i < needle.length; i++) {
    while (border > 0 && needle[i] !== needle[border]) border = table[border - 1] as number
    if (needle[i] === needle[border]) border++
    table[i] = border
  }
  return table
}
