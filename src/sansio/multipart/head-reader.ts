import { UploadError } from '../errors.ts'
import type { MultipartLimits } from './limits.ts'

const NUL = 0x00
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

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
  /** The block's bytes from earlier chunks; kept for the next block that is cut. */
  #held: Uint8Array | undefined
  #heldLength = 0

  constructor(limits: Pick<MultipartLimits, 'maxHeaderSize' | 'maxHeaders'>) {
    this.#limits = limits
  }

  /** Whether an earlier chunk ended within the block. */
  get midway(): boolean {
    return this.#heldLength > 0
  }

  /**
   * Reads on and moves the cursor.
   *
   * @returns the block without its empty line, a view of bytes that the next call may change; undefined when it needs
   * more bytes
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
    this.#heldLength = 0
    return block.subarray(0, block.length - 2)
  }
}
