/** multipart/form-data: from bytes to fields and files (RFC 7578, as browsers and Dropzone send it). */
import { UploadError } from '../sansio/errors.ts'
import {
  type MultipartEvent,
  type MultipartLimits,
  MultipartParser,
  type PartHead,
} from '../sansio/multipart/parser.ts'
import { pushBody } from '../upload/body.ts'
import { markSpent } from '../upload/disposable.ts'
import { Gatherer } from '../upload/gather.ts'
import { nativeMultipartTools } from '../upload/native-tools.ts'
import type { FileSink, PartHandlers } from '../upload/parts.ts'
import type { IncomingRequest } from '../upload/request.ts'

/** All fields of one request together may take this many times the limit of one. */
export const fieldBudget = 4

/**
 * Reads a form to its end. Resolves after the last sink's `end`.
 *
 * @param limits of the parser; what is not given has a finite default
 * @param contentLength bytes of the body, if known
 * @param onBytes called before each chunk is read with the bytes so far, epilogue included; throws to refuse
 * @throws UploadError for malformed or truncated bodies and exceeded limits; whatever the handlers throw
 */
export function readForm(
  body: IncomingRequest['body'],
  boundary: string,
  limits: Partial<MultipartLimits>,
  handlers: PartHandlers,
  contentLength?: number,
  onBytes?: (received: number) => void,
): Promise<void> {
  const reader = new FormReader(boundary, limits, handlers, contentLength)
  let received = 0
  return pushBody(body, chunk => {
    received += chunk.length
    onBytes?.(received)
    return reader.push(chunk)
  }).then(() => reader.end())
}

class FormReader {
  readonly #parser: MultipartParser
  readonly #handlers: PartHandlers
  readonly #contentLength: number | undefined
  readonly #maxFields: number
  /** Bytes of CRLF, `--`, the boundary, `--` and CRLF at the end of a body. */
  readonly #closing: number
  #files = 0
  #fieldBytes = 0
  /** The memory of the chunk that is being read, and how many spans of it were handed out. */
  #memory: ArrayBufferLike | undefined
  #spans = 0
  #part: PartHead | undefined
  #file: FileSink | undefined
  #field: Gatherer | undefined

  constructor(boundary: string, limits: Partial<MultipartLimits>, handlers: PartHandlers, contentLength?: number) {
    this.#parser = new MultipartParser(boundary, { limits, tools: nativeMultipartTools })
    this.#handlers = handlers
    this.#contentLength = contentLength
    this.#closing = boundary.length + 8
    this.#maxFields = fieldBudget * (limits.maxFieldSize ?? 1024 * 1024)
  }

  push(chunk: Uint8Array): undefined | Promise<void> {
    this.#memory = chunk.buffer
    this.#spans = 0
    this.#parser.push(chunk)
    for (let event = this.#parser.read(); event; event = this.#parser.read()) {
      const wait = this.#take(event)
      if (wait) return this.#continue(wait, chunk)
    }
    this.#readOut(chunk)
    return undefined
  }

  end(): void {
    this.#parser.end()
  }

  /** The rest of a chunk after something had to be waited for. */
  async #continue(wait: Promise<void>, chunk: Uint8Array): Promise<void> {
    await wait
    for (let event = this.#parser.read(); event; event = this.#parser.read()) {
      const next = this.#take(event)
      if (next) await next
    }
    this.#readOut(chunk)
  }

  /** The parser keeps nothing of a chunk it has read out, so a lone span is all that is left of it. */
  #readOut(chunk: Uint8Array): void {
    this.#memory = undefined
    this.#file?.keep?.()
    if (this.#spans === 1) markSpent(chunk)
  }

  #take(event: MultipartEvent): undefined | Promise<void> {
    if (event.type === 'data') {
      // A delimiter that a chunk began and the next one did not end comes out of the parser's own memory.
      if (event.bytes.buffer === this.#memory) this.#spans++
      return this.#data(event.bytes)
    }
    if (event.type === 'part') this.#part = event.part
    if (event.type === 'part-end') return this.#partEnd()
    if (event.type === 'part' && event.part.filename) return this.#open()
    return undefined
  }

  #data(bytes: Uint8Array): undefined | Promise<void> {
    if (this.#file) return this.#file.write(bytes, true)
    if (this.#part?.filename === undefined) return this.#fieldData(bytes)
    // A browser sends filename="" and nothing else where no file was chosen: with bytes, it is a file all the same.
    const opening = this.#open()
    return opening ? opening.then(() => this.#write(bytes)) : this.#write(bytes)
  }

  #write(bytes: Uint8Array): undefined | Promise<void> {
    return this.#file?.write(bytes, true)
  }

  #fieldData(bytes: Uint8Array): undefined {
    this.#fieldBytes += bytes.length
    if (this.#fieldBytes > this.#maxFields) throw new UploadError('too-many-fields')
    this.#field ??= new Gatherer()
    // Fields are small and outlive their chunk.
    this.#field.add(bytes)
  }

  #open(): undefined | Promise<void> {
    const { name: field, filename = '', type } = this.#part as PartHead
    const length = this.#contentLength
    const remaining = length === undefined ? undefined : length - this.#parser.consumed - this.#closing
    const sink = this.#handlers.onFile({ field, filename, type, index: this.#files++, remaining })
    if (sink instanceof Promise) return sink.then(file => void (this.#file = file))
    this.#file = sink
    return undefined
  }

  #partEnd(): undefined | Promise<void> {
    const { filename, name } = this.#part as PartHead
    const file = this.#file
    this.#file = undefined
    if (filename !== undefined) return file?.end()
    this.#handlers.onField(
      name,
      nativeMultipartTools.decodeUtf8(this.#field?.head(Number.POSITIVE_INFINITY) ?? new Uint8Array()),
    )
    this.#field = undefined
    return undefined
  }
}
