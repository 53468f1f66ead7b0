const CR = 0x0d
const LF = 0x0a
const DASH = 0x2d
const SPACE = 0x20
const TAB = 0x09

/** Chunks below this size are searched here: preparing a native search costs more than reading them. */
const smallChunk = 4096

/** After this many looks at a byte the search here must have advanced {@link fairStride} bytes a look, or it gives up. */
const costBetweenChecks = 32
const fairStride = 4

/** So many bytes of padding are looked at here; whoever pads more is judged by the scanner. */
const farthestLook = 64

type Find = (haystack: Uint8Array, needle: Uint8Array, from: number) => number

/**
 * Finds places where a delimiter may begin. Two searches cover each other's worst cases:
 *
 * - `find`, native where there is one: fastest on large chunks, but each false delimiter costs a call;
 * - Horspool's search for the needle *and a byte that may follow it*: passes false delimiters at full speed, but crawls
 *   through content made of the boundary's last letters; then it hands over to `find`.
 */
export class NeedleSearch {
  readonly #needle: Uint8Array
  readonly #find: Find
  /** How far the window may jump when this byte stands just behind it. Made when it is first needed. */
  #shift: Uint8Array | undefined

  constructor(needle: Uint8Array, find: Find) {
    this.#needle = needle
    this.#find = find
  }

  /**
   * First place at or after `from` where the needle stands, or -1. Needles that can be no delimiter may be passed over.
   *
   * @param suspicious a false delimiter was met in this chunk
   */
  next(chunk: Uint8Array, from: number, suspicious: boolean): number {
    if (!suspicious && chunk.length >= smallChunk) return this.#find(chunk, this.#needle, from)
    return this.#skim(chunk, from)
  }

  #skim(chunk: Uint8Array, from: number): number {
    const needle = this.#needle
    const shift = (this.#shift ??= shiftsOf(this.#needle))
    const length = needle.length
    const size = chunk.length
    // `behind` is the index of the byte behind the window.
    let behind = from + length
    while (behind < size) {
      const begin = behind
      let cost = 0
      while (cost < costBetweenChecks && behind < size) {
        const byte = chunk[behind] as number
        if (byte === CR || byte === DASH || byte === SPACE || byte === TAB) {
          // Cheap tests first; the comparison is last.
          if (chunk[behind - length] === CR && mayFollow(chunk, behind)) {
            const equal = equalBefore(chunk, behind, needle)
            if (equal === length) return behind - length
            cost += equal
          }
        }
        cost++
        behind += shift[byte] as number
      }
      if (behind < size && behind - begin < cost * fairStride) return this.#find(chunk, needle, behind - length)
    }
    return behind === size && equalBefore(chunk, size, needle) === length ? size - length : -1
  }
}

/** At most 74 + 1: a needle is CRLF, two dashes and a boundary of up to 70 letters. */
function shiftsOf(needle: Uint8Array): Uint8Array {
  const { length } = needle
  const shifts = new Uint8Array(256).fill(length + 1)
  for (let i = 0; i < length; i++) shifts[needle[i] as number] = length - i
  return shifts
}

/** Whether a delimiter can go on with the bytes from `at` on, as far as the chunk tells. */
function mayFollow(chunk: Uint8Array, at: number): boolean {
  const byte = chunk[at]
  if (byte === DASH || byte === CR) {
    const next = chunk[at + 1]
    return next === undefined || next === (byte === DASH ? DASH : LF)
  }
  const far = Math.min(at + farthestLook, chunk.length)
  for (let i = at + 1; i < far; i++) {
    const next = chunk[i]
    if (next !== SPACE && next !== TAB) return next === CR
  }
  return true
}

/** How many bytes before `end` are those at the needle's end. */
function equalBefore(chunk: Uint8Array, end: number, needle: Uint8Array): number {
  const { length } = needle
  let equal = 0
  while (equal < length && chunk[end - 1 - equal] === needle[length - 1 - equal]) equal++
  return equal
}
