import { findBytes } from '../bytes/find.ts'
import { decodeUtf8, utf8Length } from '../bytes/utf8.ts'
import { UploadError } from '../errors.ts'
import { isBoundary } from './boundary.ts'
import { HeadReader } from './head-reader.ts'
import { type MultipartLimits, multipartLimits } from './limits.ts'
import { isFilePart, type PartHead, parsePartHead } from './part-head.ts'
import { DelimiterScanner } from './scanner.ts'
import type { MultipartTools } from './tools.ts'
import { UsualHeadReader } from './usual-head.ts'

export { defaultMultipartLimits, type MultipartLimits } from './limits.ts'
export { isFilePart, type PartHead } from './part-head.ts'
export type { MultipartTools } from './tools.ts'

/** What the parser tells. For each part: `part`, any number of `data`, `part-end`; at last `end`. */
export type MultipartEvent =
  | { readonly type: 'part'; readonly part: PartHead }
  /** Content of the part: a view, never empty; it is valid until the next chunk is pushed if you reuse your chunks. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'part-end' }
  /** The close delimiter was seen. Go on pushing what comes: the epilogue is checked and dropped. */
  | { readonly type: 'end' }

/** Options of a {@link MultipartParser}. */
export interface MultipartParserOptions {
  /** Limits that differ from {@link defaultMultipartLimits}. */
  readonly limits?: Partial<MultipartLimits>
  /** Native search and decoder; plain code of linear worst case if omitted. */
  readonly tools?: MultipartTools
}

type State = 'preamble' | 'head' | 'body' | 'close' | 'epilogue'

const partEnd: MultipartEvent = Object.freeze({ type: 'part-end' })
const end: MultipartEvent = Object.freeze({ type: 'end' })
const plainTools: MultipartTools = { find: findBytes, decodeUtf8 }

/**
 * A strict push parser for `multipart/form-data`: bytes in at any chunking, events out, no I/O and no copy of content.
 * The events of a body are the same however it is cut, but for the cuts of `data`.
 *
 * After an error it is dead and throws the same error again.
 *
 * @example
 * const parser = new MultipartParser(boundaryOf(request.headers.get('content-type')))
 * for await (const chunk of body) {
 *   parser.push(chunk)
 *   for (let event = parser.read(); event; event = parser.read()) handle(event)
 * }
 * parser.end()
 *
 * Source: RFC 7578, RFC 2046 section 5.1.1, WHATWG HTML "multipart/form-data encoding algorithm".
 */
export class MultipartParser {
  readonly #limits: Readonly<MultipartLimits>
  readonly #tools: MultipartTools
  readonly #delimiter: string
  readonly #scanner: DelimiterScanner
  readonly #usualHeads: UsualHeadReader
  /** For the heads that are not usual. */
  #headReader: HeadReader | undefined
  #state: State = 'preamble'
  /** Bytes of all chunks so far. */
  #pushed = 0
  #preamble = 0
  #files = 0
  #fields = 0
  /** Bytes the current part may still have; Infinity for a file. */
  #partBudget = 0
  /** How the bytes after the close delimiter go on: they must be padding and a line end before anything else. */
  #epilogue: 'padding' | 'cr' | 'any' = 'padding'
  #error: unknown

  /**
   * @param boundary as {@link boundaryOf} returns it
   * @throws UploadError `malformed-multipart` when the boundary is not one that RFC 2046 allows
   * @throws OptionError when a limit is not a number from 0 on
   */
  constructor(boundary: string, options: MultipartParserOptions = {}) {
    if (!isBoundary(boundary)) throw new UploadError('malformed-multipart')
    this.#limits = multipartLimits(options.limits)
    this.#tools = options.tools ?? plainTools
    this.#delimiter = `--${boundary}`
    this.#scanner = new DelimiterScanner(boundary, this.#tools.find)
    this.#scanner.assumeLineEnd()
    this.#usualHeads = new UsualHeadReader(this.#limits, this.#tools.decodeUtf8)
  }

  /** Bytes of the body read so far; at a `part` event, all up to the first byte of its content. */
  get consumed(): number {
    return this.#pushed - (this.#scanner.chunk.length - this.#scanner.position)
  }

  /**
   * Hands over the next bytes. They are not copied and must stay unchanged until `read()` has returned undefined.
   *
   * @throws Error when the chunk before has not been read out
   */
  push(chunk: Uint8Array): void {
    if (this.#error !== undefined) return
    this.#assertReadOut('push')
    this.#pushed += chunk.length
    this.#scanner.chunk = chunk
    this.#scanner.position = 0
  }

  /**
   * The next event, or undefined when more bytes are needed.
   *
   * @throws UploadError when the body is refused
   */
  read(): MultipartEvent | undefined {
    if (this.#error !== undefined) throw this.#error
    try {
      const event = this.#advance()
      // A sender that stops here may hold what we keep for a long time: a thousand of them, a thousand chunks.
      if (event === undefined) this.#release()
      return event
    } catch (error) {
      this.#error = error
      throw error
    }
  }

  /**
   * Says that there are no more bytes.
   *
   * @throws UploadError `ended-early` when the close delimiter has not been seen, `malformed-multipart` when there was
   * something else instead of a first delimiter
   * @throws Error when the last chunk has not been read out
   */
  end(): void {
    if (this.#error !== undefined) throw this.#error
    this.#assertReadOut('end')
    if (this.#state === 'epilogue') return
    this.#error = new UploadError(
      this.#preamble > 0 && this.#state === 'preamble' ? 'malformed-multipart' : 'ended-early',
    )
    throw this.#error
  }

  #assertReadOut(what: string): void {
    if (this.#scanner.position < this.#scanner.chunk.length || this.#state === 'close') {
      throw new Error(`MultipartParser.${what}() was called before read() had returned undefined.`)
    }
  }

  #release(): void {
    this.#scanner.release()
    this.#usualHeads.release()
  }

  #advance(): MultipartEvent | undefined {
    for (;;) {
      switch (this.#state) {
        case 'preamble':
          if (!this.#skipPreamble()) return undefined
          break
        case 'head': {
          const part = this.#readHead()
          return part && { type: 'part', part: this.#beginPart(part) }
        }
        case 'body':
          return this.#readBody()
        case 'close':
          this.#state = 'epilogue'
          return end
        case 'epilogue':
          this.#skipEpilogue()
          return undefined
      }
    }
  }

  /** False when more bytes are needed. */
  #skipPreamble(): boolean {
    const result = this.#scanner.next()
    if (result === 'more') return false
    if (result === 'span') {
      this.#preamble += this.#scanner.span.length
      if (this.#preamble > this.#limits.maxPreamble) throw new UploadError('malformed-multipart')
    } else {
      this.#afterDelimiter(result)
    }
    return true
  }

  #readBody(): MultipartEvent | undefined {
    const result = this.#scanner.next()
    if (result === 'more') return undefined
    if (result === 'span') {
      const bytes = this.#scanner.span
      this.#partBudget -= bytes.length
      if (this.#partBudget < 0) throw new UploadError('field-too-long')
      return { type: 'data', bytes }
    }
    // A delimiter that borrows the CRLF of the empty line: an empty part for some readers, content for others.
    if (this.#scanner.lineEndWasAssumed) throw new UploadError('malformed-multipart')
    this.#afterDelimiter(result)
    return partEnd
  }

  #afterDelimiter(kind: 'delimiter' | 'close' | 'overlong'): void {
    if (kind === 'overlong') throw new UploadError('malformed-multipart')
    this.#state = kind === 'close' ? 'close' : 'head'
    if (kind === 'delimiter' && this.#files + this.#fields >= this.#limits.maxParts) {
      throw new UploadError('too-many-parts')
    }
  }

  #readHead(): PartHead | undefined {
    // The short way knows no cuts.
    const usual = this.#headReader?.midway ? undefined : this.#usualHeads.read(this.#scanner)
    if (usual) return usual
    this.#headReader ??= new HeadReader(this.#limits)
    const block = this.#headReader.read(this.#scanner)
    return block && parsePartHead(block, this.#delimiter, this.#tools.decodeUtf8)
  }

  #beginPart(part: PartHead): PartHead {
    const limits = this.#limits
    if (isFilePart(part)) {
      if (++this.#files > limits.maxFiles) throw new UploadError('too-many-files')
    } else if (++this.#fields > limits.maxFields) {
      throw new UploadError('too-many-fields')
    }
    if (part.name.length * 3 > limits.maxFieldNameSize && utf8Length(part.name) > limits.maxFieldNameSize)
      throw new UploadError('field-too-long')
    this.#partBudget = isFilePart(part) ? Number.POSITIVE_INFINITY : limits.maxFieldSize
    this.#state = 'body'
    this.#scanner.assumeLineEnd()
    return part
  }

  /** Drops the epilogue. Anything but a line end right after `--boundary--` would be a file cut short in silence. */
  #skipEpilogue(): void {
    const scanner = this.#scanner
    for (; this.#epilogue !== 'any' && scanner.position < scanner.chunk.length; scanner.position++) {
      const byte = scanner.chunk[scanner.position]
      if (this.#epilogue === 'cr' && byte === 0x0a) this.#epilogue = 'any'
      else if (this.#epilogue === 'padding' && byte === 0x0d) this.#epilogue = 'cr'
      else if (this.#epilogue === 'cr' || (byte !== 0x20 && byte !== 0x09)) throw new UploadError('malformed-multipart')
    }
    scanner.position = scanner.chunk.length
  }
}
