/**
 * Sets of bytes, for uploads that arrive in any order. Plain data: sorted, disjoint ranges that do not touch.
 */

/** Bytes from `start` up to, not including, `end`. Never empty. */
export type Range = readonly [start: number, end: number]

/**
 * The set with a range added. Overlaps and repeats are fine; an empty range adds nothing.
 *
 * @example addRange([[0, 4], [8, 12]], 4, 8) // [[0, 12]]
 */
export function addRange(ranges: readonly Range[], start: number, end: number): readonly Range[] {
  if (start >= end) return ranges
  const before = ranges.filter(range => range[1] < start)
  const after = ranges.filter(range => range[0] > end)
  const touched = ranges.slice(before.length, ranges.length - after.length)
  const from = Math.min(start, touched[0]?.[0] ?? start)
  const to = Math.max(end, touched.at(-1)?.[1] ?? end)
  return [...before, [from, to], ...after]
}

/** Whether every byte from `start` up to `end` is in the set. An empty range always is. */
export function covers(ranges: readonly Range[], start: number, end: number): boolean {
  return start >= end || ranges.some(range => range[0] <= start && range[1] >= end)
}

/**
 * How many bytes from 0 on are there without a hole: the offset of a protocol that appends.
 * @example contiguousPrefix([[0, 4], [8, 12]]) // 4
 */
export function contiguousPrefix(ranges: readonly Range[]): number {
  const first = ranges[0]
  return first?.[0] === 0 ? first[1] : 0
}

/**
 * The bytes from `start` up to `end` that are not in the set.
 * @example missing([[0, 4], [8, 12]], 2, 10) // [[4, 8]]
 */
export function missing(ranges: readonly Range[], start: number, end: number): readonly Range[] {
  const holes: Range[] = []
  let at = start
  for (const [from, to] of ranges) {
    if (from >= end) break
    if (from > at) holes.push([at, from])
    at = Math.max(at, to)
  }
  if (at < end) holes.push([at, end])
  return holes
}
