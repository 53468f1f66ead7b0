import type { Cursor } from './head-reader.ts'
import type { MultipartLimits } from './limits.ts'
import type { PartHead } from './part-head.ts'

const opening = piece('Content-Disposition: form-data; name="')
const beforeFilename = piece('"; filename="')
const beforeType = piece('"\r\nContent-Type: ')
const untyped = piece('"\r\n\r\n')
const typeForm = /^[a-z\d.+-]+\/[a-z\d.+-]+$/

/** Lines of such a head: Content-Disposition and Content-Type. */
const mostLines = 2
/** From so many letters on, calling the decoder costs less than reading them here. */
const longText = 32

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const PERCENT = 0x25
const BACKSLASH = 0x5c
const FIRST_NON_ASCII = 0x80

/**
 * Reads, in one pass over the bytes, the heads that nearly every sender writes, word for word: a name, perhaps a file
 * name, perhaps a type, nothing else and nothing to be unescaped. It is the short way of `parsePartHead`, which reads
 * all others: where small files come by the thousand, their heads are what they cost.
 */
export class UsualHeadReader {
  readonly #maxSize: number
  readonly #decodeUtf8: (bytes: Uint8Array) => string
  #chunk: Uint8Array | undefined
  /** Of {@link UsualHeadReader.#chunk}. */
  #view = untyped
  /** The type of the last head that had one: the next file mostly has the same. */
  #type = ''
  /** How heads of that type end, from the quote to the empty line. Learnt when a second one comes. */
  #ending = untyped

  constructor(
    { maxHeaders, maxHeaderSize }: Pick<MultipartLimits, 'maxHeaders' | 'maxHeaderSize'>,
    decodeUtf8: (bytes: Uint8Array) => string,
  ) {
    // The empty line is not counted.
    this.#maxSize = maxHeaders < mostLines ? 0 : maxHeaderSize + 2
    this.#decodeUtf8 = decodeUtf8
  }

  /**
   * Reads a head that lies whole in the chunk, and moves the cursor behind it.
   *
   * @returns what `parsePartHead` would return; undefined for any other head, good or bad: the cursor stays where it is
   */
  read(cursor: Cursor): PartHead | undefined {
    const { chunk, position } = cursor
    if (chunk !== this.#chunk) {
      this.#chunk = chunk
      this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    }
    const view = this.#view
    const stop = Math.min(chunk.length, position + this.#maxSize)
    const nameAt = after(opening, view, position, stop)
    if (nameAt < 0) return undefined
    const nameEnd = closingQuote(chunk, nameAt, stop)
    if (nameEnd <= nameAt) return undefined
    const filenameAt = after(beforeFilename, view, nameEnd, stop)
    const filenameEnd = filenameAt < 0 ? nameEnd : closingQuote(chunk, filenameAt, stop)
    if (filenameEnd < 0) return undefined
    const type = this.#readType(cursor, filenameEnd, stop)
    if (type === undefined) return undefined
    const filename = filenameAt < 0 ? undefined : this.#text(chunk, filenameAt, filenameEnd)
    return new UsualHead(this.#text(chunk, nameAt, nameEnd), filename, type)
  }

  /** The chunk was read out: nothing of it is kept. */
  release(): void {
    this.#chunk = undefined
    this.#view = untyped
  }

  /** Reads from the last quote to the end and moves the cursor there. `''` if there is no type. */
  #readType(cursor: Cursor, quote: number, stop: number): string | undefined {
    let end = after(untyped, this.#view, quote, stop)
    const typed = end < 0
    if (typed) end = after(this.#ending, this.#view, quote, stop)
    if (end < 0) end = this.#learnType(cursor.chunk, quote, stop)
    if (end < 0) return undefined
    cursor.position = end
    return typed ? this.#type : ''
  }

  /** Reads a type that the last head did not have. Returns the index behind the empty line, or -1. */
  #learnType(chunk: Uint8Array, quote: number, stop: number): number {
    const from = after(beforeType, this.#view, quote, stop)
    if (from < 0) return -1
    const to = chunk.indexOf(CR, from)
    const end = to + 4
    if (to < 0 || end > stop || chunk[to + 1] !== LF || chunk[to + 2] !== CR || chunk[to + 3] !== LF) return -1
    const type = this.#text(chunk, from, to)
    if (!typeForm.test(type)) return -1
    if (type === this.#type) this.#ending = new DataView(Uint8Array.from(chunk.subarray(quote, end)).buffer)
    else this.#ending = untyped
    this.#type = type
    return end
  }

  #text(chunk: Uint8Array, from: number, to: number): string {
    const short = to - from < longText ? ascii(chunk, from, to) : undefined
    return short ?? this.#decodeUtf8(chunk.subarray(from, to))
  }
}

/** A head of one or two lines whose texts stand in it as they are. */
class UsualHead implements PartHead {
  readonly name: string
  readonly filename: string | undefined
  readonly type: string

  constructor(name: string, filename: string | undefined, type: string) {
    this.name = name
    this.filename = filename
    this.type = type
  }

  /** Made when it is asked for: hardly anybody does, and it would be a third of the work. */
  get headers(): ReadonlyMap<string, string> {
    const filename = this.filename === undefined ? '' : `; filename="${this.filename}"`
    const headers = new Map([['content-disposition', `form-data; name="${this.name}"${filename}`]])
    return this.type === '' ? headers : headers.set('content-type', this.type)
  }
}

/** Index behind `wanted` if it stands at `at`, or -1. Four bytes at a time, the last four perhaps twice. */
function after(wanted: DataView, chunk: DataView, at: number, stop: number): number {
  const last = wanted.byteLength - 4
  if (at + last + 4 > stop) return -1
  for (let i = 0; i < last; i += 4) if (chunk.getInt32(at + i) !== wanted.getInt32(i)) return -1
  return chunk.getInt32(at + last) === wanted.getInt32(last) ? at + last + 4 : -1
}

/** Index of the next quote, or -1 if something that `parsePartHead` must look at comes before it. */
function closingQuote(chunk: Uint8Array, from: number, stop: number): number {
  for (let i = from; i < stop; i++) {
    const byte = chunk[i] as number
    if (byte === QUOTE) return i
    if (byte < SPACE || byte === PERCENT || byte === BACKSLASH) return -1
  }
  return -1
}

/** ASCII to text, undefined if it is none. Four letters at a time: text is joined more slowly than read. */
function ascii(bytes: Uint8Array, from: number, to: number): string | undefined {
  let text = ''
  let bits = 0
  let i = from
  for (; i + 4 <= to; i += 4) {
    const [a, b, c, d] = [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]] as [number, number, number, number]
    bits |= a | b | c | d
    text += String.fromCharCode(a, b, c, d)
  }
  for (; i < to; i++) {
    const byte = bytes[i] as number
    bits |= byte
    text += String.fromCharCode(byte)
  }
  return bits < FIRST_NON_ASCII ? text : undefined
}

/** A piece of a head, of four bytes or more. */
function piece(text: string): DataView {
  return new DataView(Uint8Array.from(text, letter => letter.charCodeAt(0)).buffer)
}
