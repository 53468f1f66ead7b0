/**
 * Dropzone's chunks: pieces of one file in requests of their own, in any order, repeated, several at once. Each is
 * written at its place; what has come is a set of ranges in the upload's record; whoever completes the set finishes the
 * upload, once.
 */

import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import { concatBytes } from '../sansio/bytes/concat.ts'
import { encodeUtf8 } from '../sansio/bytes/utf8.ts'
import { type Chunk, fitsChunk, leastSize, sameFile } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import { checkDeclared, checkSize } from '../sansio/policy/policy.ts'
import { addRange, covers, isComplete } from '../sansio/resumable/ranges.ts'
import type { FileSink, IncomingFile } from './parts.ts'
import { factsOf, type Pipeline, refuse, toUploadError } from './pipeline.ts'
import type { ResumableSettings, ResumableUploads } from './resumable.ts'
import { type ResumableRecord, readRecord, writeRecord } from './resumable-record.ts'
import type { CandidateFile, FileFacts, UploadContext, UploadedFile } from './types.ts'
import { UploadWriter } from './writer.ts'

/** Refusals after which the chunk may be sent again; any other ends its upload. */
const retryable = new Set(['aborted', 'too-slow', 'storage-full', 'storage-failed', 'server-busy', 'shutting-down'])

/** How often the lock is asked for again when another process was quicker. */
const lockTries = 20

/** A chunk on its way in. */
export interface IncomingChunk {
  readonly sink: FileSink
  /** After the sink's end. @returns the file, if it is whole now or was before; undefined while chunks are missing */
  finish(): Promise<UploadedFile | undefined>
  /** After a failure: what this chunk brought counts for nothing. */
  fail(error: unknown): Promise<void>
}

/** What all chunks of a file have in common, for one request. */
interface Reception {
  readonly pipeline: Pipeline
  readonly context: UploadContext
  readonly chunk: Chunk
  readonly id: string
}

export class ChunkUploads {
  readonly #settings: ResumableSettings
  readonly #uploads: ResumableUploads
  /** By upload: bookkeeping waits its turn here before it asks for the lock, which is for one of each process. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** By upload and index: the same chunk twice at once is one after the other. */
  readonly #writing = new Map<string, Promise<unknown>>()

  constructor(settings: ResumableSettings, uploads: ResumableUploads) {
    this.#settings = settings
    this.#uploads = uploads
  }

  /**
   * Begins to take one chunk.
   * @throws UploadError `invalid-chunk` when it contradicts the others of its file; what policy and hooks refuse
   */
  async open(
    pipeline: Pipeline,
    chunk: Chunk,
    file: IncomingFile,
    owner: string,
    context: UploadContext,
  ): Promise<IncomingChunk> {
    const id = this.#idOf(owner, chunk.uuid)
    const at: Reception = { pipeline, context, chunk, id }
    const previous = this.#writing.get(`${id} ${chunk.index}`)
    let done: () => void = () => {}
    const turn = new Promise<void>(resolve => {
      done = resolve
    })
    this.#writing.set(`${id} ${chunk.index}`, turn)
    await previous
    const leave = () => {
      done()
      if (this.#writing.get(`${id} ${chunk.index}`) === turn) this.#writing.delete(`${id} ${chunk.index}`)
    }
    try {
      const record = await this.#exclusive(id, () => this.#begin(at, file, owner))
      return this.#receive(at, record, leave)
    } catch (error) {
      leave()
      throw error
    }
  }

  /** The owner is part of the key: a stranger's chunk with the same uuid is another upload. */
  #idOf(owner: string, uuid: string): string {
    const hash = this.#settings.createHash('sha256')
    hash.update(concatBytes([encodeUtf8(uuid), Uint8Array.of(0), encodeUtf8(owner)]))
    return encodeBase64Url(hash.digest())
  }

  /** The record of the chunk's file, made by whichever chunk comes first. */
  async #begin(
    { pipeline, chunk, context, id }: Reception,
    file: IncomingFile,
    owner: string,
  ): Promise<ResumableRecord> {
    const { storage, clock, expiry } = this.#settings
    const { policy, messages } = pipeline
    const known = readRecord(await storage.load(id))
    if (known && known.expires > clock.now()) {
      if (!known.chunk || !sameFile(known.chunk, chunk)) throw new UploadError('invalid-chunk')
      if (await this.#hasBytes(known)) return known
    }
    if (known) await storage.remove(id)
    // Chunks are always sent as application/octet-stream: the name has to tell the type.
    const facts = factsOf({ field: file.field, filename: file.filename, type: '' }, 0)
    refuse(checkDeclared(policy, facts, messages))
    refuse(checkSize(policy, { size: leastSize(chunk), final: false, expected: chunk.totalSize }, messages))
    await pipeline.onUploadCreate?.(facts, context)
    const now = clock.now()
    const record: ResumableRecord = {
      version: 1,
      id,
      owner,
      field: file.field,
      filename: file.filename,
      type: '',
      offset: 0,
      chunk,
      ranges: [],
      metadata: {},
      fields: [],
      state: 'open',
      created: now,
      expires: now + expiry,
    }
    await storage.create(id, writeRecord(record))
    return record
  }

  /** False for what a crash in the middle of `create` can leave: a record to which no byte can be added. */
  async #hasBytes({ id, state, ranges = [] }: ResumableRecord): Promise<boolean> {
    if (state === 'complete' || ranges.length > 0) return true
    return this.#settings.storage.readAt(id, 0, 1).then(
      () => true,
      () => false,
    )
  }

  #receive(at: Reception, record: ResumableRecord, leave: () => void): IncomingChunk {
    const { chunk, id } = at
    const isKnown = record.state === 'complete' || covers(record.ranges ?? [], chunk.offset, chunk.offset + 1)
    const sink = isKnown ? this.#comparing(at, record) : this.#writer(at, record)
    return {
      sink,
      finish: async () => {
        try {
          if (!fitsChunk(chunk, sink.received)) throw new UploadError('invalid-chunk')
          return await this.#exclusive(id, () => this.#note(at, sink.received))
        } finally {
          leave()
        }
      },
      fail: async error => {
        sink.cancel()
        leave()
        const { code } = toUploadError(error)
        if (!retryable.has(code) && code !== 'chunk-conflict' && code !== 'invalid-chunk') {
          await this.#exclusive(id, () => this.#settings.storage.remove(id))
        }
      },
    }
  }

  #writer(at: Reception, record: ResumableRecord) {
    const { chunk, pipeline, context, id } = at
    const { policy, messages, validate } = pipeline
    const target = {
      append: (_id: string, offset: number, spans: readonly Uint8Array[]) =>
        this.#settings.storage.write(id, chunk.offset + offset, spans),
    }
    return new UploadWriter(id, target, {
      onBytes: received => {
        if (received > chunk.chunkSize) throw new UploadError('invalid-chunk')
        refuse(checkSize(policy, { size: chunk.offset + received, final: false, expected: chunk.totalSize }, messages))
      },
      onHead:
        validate && chunk.index === 0
          ? async (head, received) => {
              const candidate: CandidateFile = { ...recordFacts(record), received, head }
              await validate(candidate, context)
            }
          : undefined,
    })
  }

  /** A chunk that is there already: the same bytes are welcome, others are not. */
  #comparing({ chunk, id }: Reception, record: ResumableRecord) {
    const { storage } = this.#settings
    let received = 0
    return {
      get received() {
        return received
      },
      write: async (span: Uint8Array) => {
        const place = chunk.offset + received
        received += span.length
        // Of a finished upload only the record is left: its bytes are a file, and the answer is the same again.
        if (record.state === 'complete') return
        const stored = await storage.readAt(id, place, span.length)
        if (stored.length !== span.length || stored.some((byte, i) => byte !== span[i])) {
          throw new UploadError('chunk-conflict')
        }
      },
      end: async () => {},
      cancel: () => {},
    }
  }

  /** Counts a chunk as received; finishes the upload with the last one missing. */
  async #note({ pipeline, chunk, context, id }: Reception, size: number): Promise<UploadedFile | undefined> {
    const { storage, clock, expiry } = this.#settings
    const record = readRecord(await storage.load(id))
    if (!record) throw new UploadError('upload-gone')
    if (record.state === 'complete') return fileOf(record)
    record.ranges = addRange(record.ranges ?? [], chunk.offset, chunk.offset + size)
    if (chunk.index === chunk.count - 1) record.length = chunk.offset + size
    record.expires = clock.now() + expiry
    if (record.length === undefined || !isComplete(record.ranges, record.length)) {
      await storage.save(id, writeRecord(record))
      return undefined
    }
    record.offset = record.length
    await storage.save(id, writeRecord(record))
    return fileOf(await this.#uploads.complete(pipeline, record, context))
  }

  /** One after another in this process, and one process after another. */
  async #exclusive<T>(id: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#turns.get(id) ?? Promise.resolve()
    const own = previous.catch(() => {}).then(() => this.#withLock(id, work))
    this.#turns.set(id, own)
    try {
      return await own
    } finally {
      if (this.#turns.get(id) === own) this.#turns.delete(id)
    }
  }

  async #withLock<T>(id: string, work: () => Promise<T>): Promise<T> {
    const { locker } = this.#settings
    for (let tries = 1; ; tries++) {
      try {
        // Bookkeeping is short: whoever asks meanwhile waits.
        const lock = await locker.acquire(id, () => {})
        try {
          return await work()
        } finally {
          await lock.release()
        }
      } catch (error) {
        if (toUploadError(error).code !== 'aborted' || tries === lockTries) throw error
      }
    }
  }
}

function recordFacts({ field, filename, type }: ResumableRecord): FileFacts {
  return factsOf({ field, filename, type }, 0)
}

function fileOf(record: ResumableRecord): UploadedFile | undefined {
  const facts = recordFacts(record)
  return record.file && { ...facts, originalName: facts.name, ...record.file }
}
