import { UploadError } from '../errors.ts'
import type { MultipartLimits } from './limits.ts'

const NUL = 0x00
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

/** Lines of a part's head that {@link HeadReader.peek} is for: Content-Disposition and Content-Type. */
const usualLines = 2

/** Where the next byte stands. `line-end` and `block-end` come after a CR and want an LF. */
type State = 'line-start' | 'line' | 'line-end' | 'block-end'

/** A chunk and how far it has been read. */
export interface Cursor {
  readonly chunk: Uint8Array
  position: number
}

/**
 * Gathers the header block of a part at any chunking and refuses, at the very byte, what no header may hold: a bare CR
 * or LF, NUL, a folded line, too many bytes or lines.
 */
export class HeadReader {
  readonly #limits: Pick<MultipartLimits, 'maxHeaderSize' | 'maxHeaders'>
  #state: State = 'line-start'
  #lines = 0
  /** The block's bytes from earlier chunks. */
  #held: Uint8Array | undefined
  #heldLength = 0

  constructor(limits: Pick<MultipartLimits, 'maxHeaderSize' | 'maxHeaders'>) {
    this.#limits = limits
  }

  /**
   * Reads on and moves the cursor.
   *
   * @returns the block without its empty line (a view of the chunk where possible), undefined when it needs more bytes
   * @throws UploadError `malformed-multipart`, `part-header-too-long`
   */
  read(cursor: Cursor): Uint8Array | undefined {
    const { chunk, position } = cursor
    // The empty line that ends the block is not counted.
    const allowed = this.#limits.maxHeaderSize + 2 - this.#heldLength
    const stop = Math.min(chunk.length, position + allowed)
    const end = this.#walk(chunk, position, stop)
    const done = end >= 0
    if (!done && stop < chunk.length) throw new UploadError('part-header-too-long')
    cursor.position = done ? end : stop
    if (done && this.#heldLength === 0) return this.#finish(chunk.subarray(position, end))
    this.#hold(chunk.subarray(position, cursor.position))
    return done ? this.#finish((this.#held as Uint8Array).subarray(0, this.#heldLength)) : undefined
  }

  /**
   * The block, if all of it lies in the chunk, as it is: nothing of it was checked but its size.
   *
   * @returns undefined when it does not; the cursor stays where it is in any case
   */
  peek({ chunk, position }: Cursor): Uint8Array | undefined {
    const { maxHeaders, maxHeaderSize } = this.#limits
    if (this.#heldLength > 0 || this.#state !== 'line-start' || maxHeaders < usualLines) return undefined
    const end = emptyLineEnd(chunk, position, Math.min(chunk.length, position + maxHeaderSize + 2))
    return end < 0 ? undefined : chunk.subarray(position, end - 2)
  }

  /** Walks over the bytes up to `stop`. Returns the index after the block, or -1 if it does not end before `stop`. */
  #walk(chunk: Uint8Array, start: number, stop: number): number {
    let state = this.#state
    let i = start
    while (i < stop) {
      const byte = chunk[i++] as number
      if (state === 'line') {
        if (byte === CR) state = 'line-end'
        else if (byte === LF || byte === NUL) throw new UploadError('malformed-multipart')
      } else if (state === 'line-start') {
        if (byte === CR) state = 'block-end'
        else if (byte === SPACE || byte === TAB || byte === LF || byte === NUL) {
          throw new UploadError('malformed-multipart')
        } else {
          if (++this.#lines > this.#limits.maxHeaders) throw new UploadError('part-header-too-long')
          state = 'line'
        }
      } else {
        if (byte !== LF) throw new UploadError('malformed-multipart')
        if (state === 'block-end') return i
        state = 'line-start'
      }
    }
    this.#state = state
    return -1
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#heldLength + bytes.length
    if (this.#held === undefined || this.#held.length < length) {
      const grown = new Uint8Array(Math.max(length * 2, 512))
      if (this.#held) grown.set(this.#held.subarray(0, this.#heldLength))
      this.#held = grown
    }
    this.#held.set(bytes, this.#heldLength)
    this.#heldLength = length
  }

  /** Makes ready for the next part. */
  #finish(block: Uint8Array): Uint8Array {
    this.#state = 'line-start'
    this.#lines = 0
    this.#held = undefined
    this.#heldLength = 0
    return block.subarray(0, block.length - 2)
  }
}

/** Index after the first CRLF CRLF between the two places, or -1. Looks at every fourth byte until it meets a line end. */
function emptyLineEnd(chunk: Uint8Array, from: number, stop: number): number {
  for (let i = from + 3; i < stop; ) {
    const byte = chunk[i]
    if (byte === LF && chunk[i - 1] === CR && chunk[i - 2] === LF && chunk[i - 3] === CR) return i + 1
    i += byte === CR ? 1 : byte === LF ? 2 : 4
  }
  return -1
}
