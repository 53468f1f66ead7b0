import { NeedleSearch } from './needle-search.ts'

const nothing = new Uint8Array(0)

/** Spaces and tabs allowed between a boundary and its line end (RFC 2046 "transport-padding"); more is malformed. */
export const maxPadding = 1024

const CR = 0x0d
const LF = 0x0a
const DASH = 0x2d
const SPACE = 0x20
const TAB = 0x09

/**
 * What the scanner met: `span` (content, in `scanner.span`), `delimiter` or `close` (in full, the position is after
 * it), `overlong` (a delimiter with more than {@link maxPadding} bytes of padding), `more` (the chunk is used up).
 */
export type ScanResult = 'span' | 'delimiter' | 'close' | 'overlong' | 'more'

/** Where the bytes after the needle stand: nothing yet, one dash, padding, the CR of the line end. */
type TailState = 'start' | 'dash' | 'padding' | 'cr'

/** What the bytes after the needle are: a delimiter, a close delimiter, content, or not known before more bytes. */
type Verdict = 'delimiter' | 'close' | 'overlong' | 'content' | 'undecided'

/**
 * Splits bytes into content and delimiters. A delimiter is CRLF `--boundary`, padding and CRLF, or CRLF `--boundary--`;
 * with anything else after the boundary the bytes are content.
 *
 * CR stands only at the needle's start, therefore a delimiter that is split over chunks is carried as nothing but a
 * matched length, and a candidate that fails can not hide another one. If carried bytes turn out to be content, they
 * are handed out as a view of the needle.
 */
export class DelimiterScanner {
  /** The chunk being read. */
  chunk: Uint8Array = nothing
  /** Where the unread bytes of {@link chunk} begin. */
  position = 0
  /** The content of the last `span` result. */
  span: Uint8Array = nothing
  readonly #needle: Uint8Array
  readonly #search: NeedleSearch
  /** Bytes of the needle that earlier chunks ended with. */
  #carried = 0
  /** Of these, how many were only assumed (see {@link assumeLineEnd}) and are no content. */
  #assumed = 0
  #tailState: TailState = 'start'
  /** Bytes after a complete needle that earlier chunks ended with; a new buffer for each candidate. */
  #tail: Uint8Array | undefined
  #tailLength = 0
  /** A result that waits behind the span just handed out. */
  #next: 'delimiter' | 'close' | 'overlong' | 'tail' | undefined

  constructor(boundary: string, find: (haystack: Uint8Array, needle: Uint8Array, from: number) => number) {
    this.#needle = bytesOf(`\r\n--${boundary}`)
    this.#search = new NeedleSearch(this.#needle, find)
  }

  /** Lets go of a chunk that was read out. */
  release(): void {
    this.chunk = nothing
    this.span = nothing
    this.position = 0
  }

  /** Behave as if a CRLF had been read just before the position: a delimiter may stand right here. */
  assumeLineEnd(): void {
    this.#carried = 2
    this.#assumed = 2
  }

  /** True when the delimiter just met had no CRLF of its own. */
  get lineEndWasAssumed(): boolean {
    return this.#assumed > 0
  }

  next(): ScanResult {
    const next = this.#next
    if (next !== undefined) {
      this.#next = undefined
      if (next !== 'tail') return next
      return this.#handOut((this.#tail as Uint8Array).subarray(0, this.#tailLength))
    }
    if (this.position >= this.chunk.length) return 'more'
    if (this.#carried > 0) {
      const result = this.#resume()
      if (result !== undefined) return result
    }
    return this.#scan()
  }

  /** Goes on with a delimiter begun in an earlier chunk. Undefined: it was none, and nothing of it is content. */
  #resume(): ScanResult | undefined {
    const { chunk, position } = this
    const needle = this.#needle
    const carried = this.#carried
    let matched = carried
    let i = position
    while (matched < needle.length && i < chunk.length && chunk[i] === needle[matched]) {
      i++
      matched++
    }
    let verdict: Verdict = 'content'
    if (matched === needle.length) {
      if (carried < needle.length) this.#beginTail()
      verdict = this.#verify(i)
    } else if (i === chunk.length) {
      verdict = 'undecided'
    }
    if (verdict === 'undecided') {
      this.#carried = matched
      this.position = chunk.length
      return 'more'
    }
    this.#carried = 0
    if (verdict !== 'content') return verdict
    if (carried === needle.length && this.#tailLength > 0) this.#next = 'tail'
    if (carried > this.#assumed) return this.#handOut(needle.subarray(this.#assumed, carried))
    if (this.#next === undefined) return undefined
    this.#next = undefined
    return this.#handOut((this.#tail as Uint8Array).subarray(0, this.#tailLength))
  }

  /** Looks for the next delimiter from the position on; false ones stay inside the span. */
  #scan(): ScanResult {
    const { chunk, position } = this
    const needle = this.#needle
    this.#assumed = 0
    let from = position
    for (;;) {
      const at = this.#search.next(chunk, from, from > position)
      if (at < 0) {
        const end = chunk.length - this.#partial(from)
        this.#carried = chunk.length - end
        this.position = chunk.length
        if (end <= position) return 'more'
        // Most chunks of a large file are content from end to end.
        return this.#handOut(end - position === chunk.length ? chunk : chunk.subarray(position, end))
      }
      this.#beginTail()
      const verdict = this.#verify(at + needle.length)
      if (verdict === 'content') {
        from = at + needle.length
        continue
      }
      if (verdict === 'undecided') {
        this.#carried = needle.length
        this.position = chunk.length
        return at > position ? this.#handOut(chunk.subarray(position, at)) : 'more'
      }
      if (at === position) return verdict
      this.#next = verdict
      return this.#handOut(chunk.subarray(position, at))
    }
  }

  #handOut(bytes: Uint8Array): 'span' {
    this.span = bytes
    return 'span'
  }

  /** How many bytes at the chunk's end (and not before `from`) are the beginning of a needle. */
  #partial(from: number): number {
    const { chunk } = this
    const needle = this.#needle
    const length = chunk.length
    const first = Math.max(from, length - needle.length + 1)
    for (let start = length - 1; start >= first; start--) {
      if (chunk[start] !== CR) continue
      for (let i = start + 1; i < length; i++) if (chunk[i] !== needle[i - start]) return 0
      return length - start
    }
    return 0
  }

  #beginTail(): void {
    this.#tailState = 'start'
    this.#tail = undefined
    this.#tailLength = 0
  }

  /**
   * Judges the bytes from `from` on, which follow the needle (and what is held in the tail). On a delimiter the
   * position is moved behind it; undecided bytes are added to the tail.
   */
  #verify(from: number): Verdict {
    const { chunk } = this
    let state = this.#tailState
    let i = from
    for (; i < chunk.length; i++) {
      const byte = chunk[i] as number
      if (state === 'dash' || state === 'cr') {
        if (byte !== (state === 'dash' ? DASH : LF)) return 'content'
        this.position = i + 1
        return state === 'dash' ? 'close' : 'delimiter'
      }
      if (byte === CR) state = 'cr'
      else if (byte === DASH && state === 'start') state = 'dash'
      else if (byte !== SPACE && byte !== TAB) return 'content'
      else if (this.#tailLength + i - from >= maxPadding) {
        // Not thrown from here: the content before it is handed out first, as at any other cut.
        this.position = i
        return 'overlong'
      } else state = 'padding'
    }
    this.#tailState = state
    this.#hold(from)
    return 'undecided'
  }

  /** Copies the chunk's end into the tail: the chunk may be gone when the candidate is decided. */
  #hold(from: number): void {
    if (from >= this.chunk.length) return
    this.#tail ??= new Uint8Array(maxPadding + 1)
    this.#tail.set(this.chunk.subarray(from), this.#tailLength)
    this.#tailLength += this.chunk.length - from
  }
}

/** ASCII as bytes. `Uint8Array.from` with a function takes ten times as long, and small forms are many. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
