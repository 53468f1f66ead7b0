/** The endpoint's POST: all files of the request become files, or none of them. */
import { type Chunk, parseChunk } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingChunk } from '../upload/chunks.ts'
import type { Cut } from '../upload/cut.ts'
import { type FileSink, FormFields, type IncomingFile, type PartHandlers } from '../upload/parts.ts'
import { type DeclaredFile, type Pipeline, toUploadError } from '../upload/pipeline.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { UploadTransaction } from '../upload/transaction.ts'
import type { UploadContext } from '../upload/types.ts'
import type { Gate } from './gate.ts'
import { readUploads } from './intake.ts'
import type { Resumables } from './resumable.ts'
import type { Received } from './types.ts'

/** What became of a request, and of which upload over several requests it was a chunk. */
export interface ReceivedUploads extends Received {
  readonly uploadId?: string
}

/**
 * Receives all uploads of a request as one transaction.
 *
 * @param gate stands before the first file; undefined for no check at all
 * @param cut ends the reading early; its reason is thrown
 * @throws UploadError, after everything of the request was removed again
 */
export async function receiveUploads(
  request: IncomingRequest,
  context: RequestContext,
  pipeline: Pipeline,
  gate: Gate | undefined,
  resumables: Resumables | undefined,
  cut: Cut,
): Promise<ReceivedUploads> {
  const reception = new Reception(request, pipeline, gate, resumables)
  try {
    await cut.before(readUploads(request, context, pipeline, reception))
    return await reception.finish()
  } catch (error) {
    throw await reception.fail(error)
  }
}

/** What has come of a request so far. */
class Reception implements PartHandlers {
  readonly #request: IncomingRequest
  readonly #pipeline: Pipeline
  readonly #gate: Gate | undefined
  readonly #resumables: Resumables | undefined
  readonly #fields = new FormFields()
  readonly #transaction: UploadTransaction
  #chunk: IncomingChunk | undefined

  constructor(
    request: IncomingRequest,
    pipeline: Pipeline,
    gate: Gate | undefined,
    resumables: Resumables | undefined,
  ) {
    this.#request = request
    this.#pipeline = pipeline
    this.#gate = gate
    this.#resumables = resumables
    this.#transaction = new UploadTransaction(pipeline)
  }

  onField(name: string, value: string): void {
    this.#gate?.onField(name, value)
    this.#fields.append(name, value)
  }

  onFile(file: IncomingFile): FileSink | Promise<FileSink> {
    this.#gate?.pass()
    const chunk = parseChunk(this.#fields)
    return chunk
      ? this.#openChunk(chunk, file)
      : this.#transaction.admit(declaredFile(file), file.index, this.#context())
  }

  /** All was read. */
  async finish(): Promise<ReceivedUploads> {
    this.#gate?.pass()
    const fields = this.#fields
    if (this.#chunk) {
      const file = await this.#chunk.finish()
      return { files: file ? [file] : [], fields, uploadId: this.#chunk.id }
    }
    if (this.#transaction.count === 0) throw new UploadError('no-file')
    return { files: await this.#transaction.finish(), fields }
  }

  /** Removes all of it. @returns the refusal */
  async fail(error: unknown): Promise<UploadError> {
    await this.#chunk?.fail(error)
    await this.#transaction.abort()
    const refusal = toUploadError(error)
    refusal.file ??= this.#transaction.current
    return refusal
  }

  async #openChunk(chunk: Chunk, file: IncomingFile): Promise<FileSink> {
    const resumables = this.#resumables
    this.#pipeline.observer?.chunk()
    if (!resumables) throw new UploadError('invalid-chunk', 'This server does not take files in chunks.')
    if (file.index > 0) throw new UploadError('invalid-chunk')
    await this.#pipeline.storage.prepare?.()
    const owner = await resumables.owner(this.#request)
    this.#chunk = await resumables.chunks.open(this.#pipeline, chunk, file, owner, this.#context())
    return this.#chunk.sink
  }

  #context(): UploadContext {
    return new FormContext(this.#request, this.#fields)
  }
}

/** A class, because V8 may give what a literal makes a place among the old objects (decisions/0019). */
class FormContext implements UploadContext {
  readonly request: IncomingRequest
  readonly fields: FormFields

  constructor(request: IncomingRequest, fields: FormFields) {
    this.request = request
    this.fields = fields
  }
}

/** A part as the pipeline wants it. A lone `file` (not `file[0]`) is most likely all that follows. */
export function declaredFile(file: IncomingFile): DeclaredFile {
  const { field, filename, type, size, index, remaining } = file
  const lone = index === 0 && !field.includes('[')
  return { field, filename, type, size, likelySize: lone ? remaining : undefined }
}
