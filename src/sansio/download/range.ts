/** Some bytes of a file: from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * What a `Range` field asks of a file of `size` bytes.
 *
 * Only one range at a time is given: a list of them gets the whole file, as section 14.2 allows, so that nobody can ask
 * for the same bytes a thousand times in one request. A field that is no range of bytes counts for nothing.
 *
 * @returns `'whole'`: answer as if the field were not there; `'unsatisfiable'`: the file has no such bytes
 * @example parseRange('bytes=-500', 1000) // { start: 500, end: 1000 }
 * Source: RFC 9110 sections 14.1.2 and 14.2.
 */
export function parseRange(field: string | null, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(field ?? '') ?? []
  if (first === '') {
    if (last === '') return 'whole'
    if (Number(last) === 0) return 'unsatisfiable'
    // An empty file is shorter than any suffix, and there is no way to write "all of its bytes" as a range.
    return size === 0 ? 'whole' : { start: Math.max(0, size - Number(last)), end: size }
  }
  if (last !== '' && Number(last) < Number(first)) return 'whole'
  if (Number(first) >= size) return 'unsatisfiable'
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) }
}
