import { type SavedFile, UploadError } from '../sansio/errors.ts'
import { OptionError } from '../sansio/option-error.ts'
import { deferred } from '../upload/deferred.ts'
import type { FileSink, IncomingFile } from '../upload/parts.ts'
import { factsOf, type Pipeline, toUploadError } from '../upload/pipeline.ts'
import type { Storage } from '../upload/ports.ts'
import { UploadTransaction } from '../upload/transaction.ts'
import type { FileFacts, UploadContext, UploadedFile } from '../upload/types.ts'
import type { UploadWriter } from '../upload/writer.ts'
import { declaredFile } from './endpoint.ts'
import type { Gate } from './gate.ts'
import { StreamStorage } from './stream-storage.ts'
import type { ReceivedFile, SavedTo } from './types.ts'

/** What the engine lends to the iterator. */
export interface FilesSurroundings {
  readonly pipeline: Pipeline
  /** Bytes of the request's files that were wanted so far. */
  readonly total: { bytes: number }
  /** Stands before the first file; throws when the request may not even begin. */
  gate(): Gate | undefined
  /** Runs the reading of the request; refuses when the engine is closing. */
  run(reading: () => Promise<void>): Promise<void>
  /** Tells the operator of a refusal. */
  refused(error: unknown): Promise<unknown>
}

/** A file whose bytes nobody wants: they are read and thrown away. */
const nowhere: FileSink = { write: () => undefined, end: () => undefined }

/** A file of `files()`: its bytes wait until somebody decides what becomes of them. */
export class PendingFile implements ReceivedFile {
  readonly field: string
  readonly index: number
  readonly name: string
  readonly extension: string
  readonly type: string
  readonly size?: number

  readonly #incoming: IncomingFile
  readonly #pipeline: Pipeline
  readonly #total: { bytes: number }
  readonly #refused: (error: unknown) => Promise<unknown>
  readonly #context: UploadContext
  readonly #saved: SavedFile[]
  readonly #sink = deferred<FileSink>()
  #taken = false
  #isStream = false
  /** The app has had enough of a stream: that is no refusal. */
  #givenUp = false
  #saving: Promise<SavedTo> | undefined
  /** What `save` or `stream` do with the bytes, until it is done. */
  #work: { readonly done: Promise<unknown>; fail(error: unknown): Promise<void> } | undefined

  constructor(incoming: IncomingFile, surroundings: FilesSurroundings, context: UploadContext, saved: SavedFile[]) {
    const facts: FileFacts = factsOf(declaredFile(incoming), incoming.index)
    this.field = facts.field
    this.index = facts.index
    this.name = facts.name
    this.extension = facts.extension
    this.type = facts.type
    if (facts.size !== undefined) this.size = facts.size
    this.#incoming = incoming
    this.#pipeline = surroundings.pipeline
    this.#total = surroundings.total
    this.#refused = surroundings.refused
    this.#context = context
    this.#saved = saved
  }

  /** Where the bytes shall go, once that is decided. */
  get sink(): Promise<FileSink> {
    return this.#sink.promise
  }

  save(target?: string | Storage, options: { readonly name?: string } = {}): Promise<SavedTo> {
    const saving = this.#save(target, options)
    this.#saving ??= saving
    return saving
  }

  async #save(target: string | Storage | undefined, options: { readonly name?: string }): Promise<SavedTo> {
    const storage = typeof target === 'string' ? this.#folder(target) : (target ?? this.#pipeline.storage)
    const { name } = options
    const naming = name === undefined ? this.#pipeline.naming : () => name
    const file = await this.#run({ ...this.#pipeline, storage, naming })
    this.#saved.push({ name: file.name })
    return { name: file.name, size: file.size, ...(file.path === undefined ? {} : { path: file.path }) }
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const storage = new StreamStorage()
    const { onUploadFinish: _nothingIsStored, observer: _norBegun, ...pipeline } = this.#pipeline
    // Whoever reads the bytes has them before the last one has come: they inspect them themselves.
    const done = this.#run({ ...pipeline, inspectors: [], storage, naming: 'original' })
    done.catch(error => storage.fail(error))
    this.#isStream = true
    let isRead = false
    try {
      yield* storage.chunks()
      isRead = true
    } finally {
      this.#givenUp = !isRead
    }
    await done
  }

  /** The loop goes on: an untouched file is thrown away, a running save is waited for. */
  async passOver(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true
      this.#sink.resolve(nowhere)
    }
    // A stream that was not read to its end is given up, not waited for.
    if (this.#isStream) {
      this.#givenUp = true
      return void this.#work?.fail(new UploadError('aborted'))
    }
    if (!this.#work) return
    // The loop tells of the failure; a save that nobody awaited would tell of it again, and end the process.
    this.#saving?.catch(() => {})
    await this.#work.done
  }

  /** The loop is left: an untouched file stops the reading. A running save goes on. */
  leave(): void {
    if (this.#taken) return
    this.#taken = true
    this.#sink.reject(new UploadError('aborted'))
  }

  /** The request failed: so does what is running. */
  fail(error: unknown): void {
    void this.#work?.fail(error)
  }

  #folder(path: string): Storage {
    const { storage } = this.#pipeline
    if (storage.at) return storage.at(path)
    throw new OptionError('file.save(target)', path, 'a storage, because the configured storage knows no folders')
  }

  /** Runs the bytes through a transaction of their own. A refusal throws the rest of the bytes away. */
  async #run(pipeline: Pipeline): Promise<UploadedFile> {
    if (this.#taken) throw new TypeError(`The bytes of ${JSON.stringify(this.name)} were already taken.`)
    this.#taken = true
    const transaction = new UploadTransaction(pipeline, this.#total)
    const done = deferred<UploadedFile>()
    const fail = async (thrown: unknown) => {
      await transaction.abort()
      const error = toUploadError(thrown)
      error.file ??= transaction.current
      error.saved = [...this.#saved]
      if (!this.#givenUp) await this.#refused(error)
      done.reject(error)
    }
    this.#work = { done: done.promise, fail }
    void done.promise
      .finally(() => {
        this.#work = undefined
      })
      .catch(() => {})
    try {
      const writer = await transaction.admit(declaredFile(this.#incoming), this.index, this.#context)
      this.#sink.resolve(
        guardedSink(
          writer,
          () => transaction.finish(),
          done.resolve,
          error => void fail(error),
        ),
      )
    } catch (error) {
      this.#sink.resolve(nowhere)
      void fail(error)
    }
    return done.promise
  }
}

/** A sink that never fails the request: the first error goes to `fail`, and the rest of the bytes nowhere. */
function guardedSink(
  writer: UploadWriter,
  finish: () => Promise<readonly UploadedFile[]>,
  resolve: (file: UploadedFile) => void,
  fail: (error: unknown) => void,
): FileSink {
  let failed = false
  const refuse = (error: unknown): undefined => {
    if (!failed) fail(error)
    failed = true
  }
  return {
    write(span) {
      if (failed) return undefined
      try {
        return writer.write(span)?.catch(refuse)
      } catch (error) {
        return refuse(error)
      }
    },
    async end() {
      if (failed) return
      try {
        await writer.end()
        resolve((await finish())[0] as UploadedFile)
      } catch (error) {
        refuse(error)
      }
    },
  }
}
