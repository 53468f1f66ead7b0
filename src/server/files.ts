/** `uploads.files(request)`: the files of a request one by one, streaming, each save its own transaction. */
import { isUploadError, type SavedFile, UploadError } from '../sansio/errors.ts'
import { type Deferred, deferred } from '../upload/deferred.ts'
import { type FileSink, FormFields, type IncomingFile, type PartHandlers } from '../upload/parts.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { readUploads } from './intake.ts'
import { type FilesSurroundings, PendingFile } from './pending-file.ts'
import type { Files, ReceivedFile } from './types.ts'

/**
 * The files of a request as an async iterable; it can be iterated once. Reading starts with the loop; a file's bytes
 * wait in the sender's socket until `save`, `stream` or the next turn of the loop decides about them.
 */
export function filesOf(request: IncomingRequest, context: RequestContext, surroundings: FilesSurroundings): Files {
  const fields = new FormFields()
  const files = new FileIterator(request, context, surroundings, fields)
  return { fields, [Symbol.asyncIterator]: () => files }
}

class FileIterator implements AsyncIterator<ReceivedFile, undefined> {
  readonly #request: IncomingRequest
  readonly #context: RequestContext
  readonly #surroundings: FilesSurroundings
  readonly #fields: FormFields
  readonly #saved: SavedFile[] = []
  #started = false
  /** The file that arrived last: the current one, or one that the loop has not seen yet. */
  #offered: PendingFile | undefined
  /** The loop ended, so nobody will decide about another file. */
  #left = false
  #arrival: Deferred<PendingFile | undefined> = deferred()
  #current: PendingFile | undefined

  constructor(request: IncomingRequest, context: RequestContext, surroundings: FilesSurroundings, fields: FormFields) {
    this.#request = request
    this.#context = context
    this.#surroundings = surroundings
    this.#fields = fields
  }

  async next(): Promise<IteratorResult<ReceivedFile, undefined>> {
    try {
      // A save that nobody awaited has to be good all the same before the loop goes on.
      await this.#current?.passOver()
      if (!this.#started) void this.#read()
      this.#current = await this.#arrival.promise
      // The reader offers the next file only after this one was decided about, so nothing is missed.
      if (this.#current) this.#arrival = deferred()
    } catch (error) {
      this.#leave()
      if (isUploadError(error)) error.saved = [...this.#saved]
      throw await this.#surroundings.refused(error)
    }
    return this.#current ? { done: false, value: this.#current } : { done: true, value: undefined }
  }

  /** Leaving the loop early: nothing more is read; whoever answers the request drains the rest. */
  async return(): Promise<IteratorResult<ReceivedFile, undefined>> {
    this.#arrival.resolve(undefined)
    this.#leave()
    return { done: true, value: undefined }
  }

  #leave(): void {
    this.#left = true
    this.#offered?.leave()
  }

  async #read(): Promise<void> {
    this.#started = true
    try {
      await this.#surroundings.run(() => this.#readAll())
      this.#arrival.resolve(undefined)
    } catch (error) {
      this.#current?.fail(error)
      this.#arrival.reject(error)
    }
  }

  async #readAll(): Promise<void> {
    const { gate, pipeline } = this.#surroundings
    const guard = gate()
    const handlers: PartHandlers = {
      onField: (name, value) => {
        guard?.onField(name, value)
        this.#fields.append(name, value)
      },
      onFile: async file => {
        guard?.pass()
        if (this.#left) throw new UploadError('aborted')
        return this.#offer(file)
      },
    }
    await readUploads(this.#request, this.#context, pipeline, handlers)
    guard?.pass()
  }

  /** Puts a file before the loop and waits for what the loop wants of it. */
  #offer(file: IncomingFile): Promise<FileSink> {
    const context = { request: this.#request, fields: this.#fields }
    const pending = new PendingFile(file, this.#surroundings, context, this.#saved)
    this.#offered = pending
    this.#arrival.resolve(pending)
    return pending.sink
  }
}
