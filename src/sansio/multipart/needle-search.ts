const CR = 0x0d
const LF = 0x0a
const DASH = 0x2d
const SPACE = 0x20
const TAB = 0x09

/** So many bytes are searched here before a native search is called: calling it costs as much as reading some 500. */
const nearby = 2048

/** After this many looks at a byte the search here must have advanced {@link fairStride} bytes a look, or it gives up. */
const costBetweenChecks = 32
const fairStride = 4

/** So many bytes of padding are looked at here; whoever pads more is judged by the scanner. */
const farthestLook = 64

type Find = (haystack: Uint8Array, needle: Uint8Array, from: number) => number

/**
 * Finds places where a delimiter may begin. Two searches cover each other's worst cases:
 *
 * - `find`, native where there is one: never slow, but each call has its price, and each false delimiter costs a call;
 * - Horspool's search for the needle *and a byte that may follow it*: near delimiters cost it next to nothing, false ones
 *   it passes at full speed, but it crawls through content made of the boundary's last letters: then, or when there is
 *   nothing nearby, it hands over to `find`.
 */
export class NeedleSearch {
  readonly #needle: Uint8Array
  readonly #find: Find
  /** See {@link jumpsOf}. Made when it is first needed. */
  #jumps: Int8Array | undefined
  #begun = false

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
    // Where a large chunk begins within a part, that part is large and the next delimiter far away. And for the first
    // search, often the only one of a body, a table does not pay.
    const isFar = (from === 0 && chunk.length >= nearby) || !this.#begun
    this.#begun = true
    if (isFar && !suspicious) return this.#find(chunk, this.#needle, from)
    return this.#skim(chunk, from, suspicious ? chunk.length : Math.min(chunk.length, from + nearby))
  }

  #skim(chunk: Uint8Array, from: number, stop: number): number {
    const needle = this.#needle
    const jumps = (this.#jumps ??= jumpsOf(needle))
    const length = needle.length
    const stride = length + 1
    const size = chunk.length
    // `behind` is the index of the byte behind the window.
    let behind = from + length
    while (behind < stop) {
      const begin = behind
      let cost = 0
      while (cost < costBetweenChecks) {
        // Steps of one known length: the processor need not wait for the table before it reads on.
        while (behind < stop && jumps[chunk[behind] as number] === stride) behind += stride
        if (behind >= stop) break
        const jump = jumps[chunk[behind] as number] as number
        // Cheap tests first; the comparison is last.
        if (jump < 0 && chunk[behind - length] === CR && mayFollow(chunk, behind)) {
          const equal = equalBefore(chunk, behind, needle)
          if (equal === length) return behind - length
          cost += equal
        }
        cost++
        behind += Math.abs(jump)
      }
      if (behind - begin < cost * fairStride) break
    }
    if (behind < size) return this.#find(chunk, needle, behind - length)
    return behind === size && equalBefore(chunk, size, needle) === length ? size - length : -1
  }
}

/**
 * How far the window may jump when this byte stands just behind it, at most 74 + 1: a needle is CRLF, two dashes and a
 * boundary of up to 70 letters. Negative for bytes that may follow a delimiter.
 */
function jumpsOf(needle: Uint8Array): Int8Array {
  const { length } = needle
  const jumps = new Int8Array(256).fill(length + 1)
  for (let i = 0; i < length; i++) jumps[needle[i] as number] = length - i
  for (const byte of [CR, DASH, SPACE, TAB]) jumps[byte] = -(jumps[byte] as number)
  return jumps
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
