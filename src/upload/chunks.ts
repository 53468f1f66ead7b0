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
import { type ChunkClaim, ChunkClaims } from './chunk-claim.ts'
import { type ChunkReception, comparingSink, recordFacts, writingSink } from './chunk-sink.ts'
import type { FileSink, IncomingFile } from './parts.ts'
import { factsOf, type Pipeline, refuse, toUploadError } from './pipeline.ts'
import type { ResumableSettings, ResumableUploads } from './resumable.ts'
import { type ResumableRecord, readRecord, writeRecord } from './resumable-record.ts'
import { Turns } from './turns.ts'
import type { UploadContext, UploadedFile } from './types.ts'

/** Refusals after which the chunk may be sent again; any other ends its upload. */
const retryable = new Set([
  'aborted',
  'continued-elsewhere',
  'too-slow',
  'storage-full',
  'storage-failed',
  'server-busy',
  'shutting-down',
])

/** A chunk on its way in. */
export interface IncomingChunk {
  readonly sink: FileSink
  /** After the sink's end. @returns the file, if it is whole now or was before; undefined while chunks are missing */
  finish(): Promise<UploadedFile | undefined>
  /** After a failure: what this chunk brought counts for nothing. */
  fail(error: unknown): Promise<void>
}

export class ChunkUploads {
  readonly #settings: ResumableSettings
  readonly #uploads: ResumableUploads
  /** Bookkeeping, upload by upload. */
  readonly #turns: Turns
  readonly #claims: ChunkClaims

  constructor(settings: ResumableSettings, uploads: ResumableUploads) {
    this.#settings = settings
    this.#uploads = uploads
    this.#turns = new Turns(settings.locker)
    this.#claims = new ChunkClaims(settings.locker)
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
    const at: ChunkReception = { pipeline, context, chunk, id }
    const claim = await this.#claims.take(`${id}-${chunk.index}`)
    try {
      const record = await this.#turns.take(id, () => this.#begin(at, file, owner))
      return this.#receive(at, record, claim)
    } catch (error) {
      await claim.release()
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
    { pipeline, chunk, context, id }: ChunkReception,
    file: IncomingFile,
    owner: string,
  ): Promise<ResumableRecord> {
    const { storage, expiry } = this.#settings
    const { policy, messages } = pipeline
    const known = readRecord(await storage.load(id))
    if (known && expiry.judge(known) !== 'gone') {
      if (!known.chunk || !sameFile(known.chunk, chunk)) throw new UploadError('invalid-chunk')
      if (await this.#hasBytes(known)) return known
    }
    if (known) await storage.remove(id)
    // Chunks are always sent as application/octet-stream: the name has to tell the type.
    const { field, filename } = file
    const facts = factsOf({ field, filename, type: '' }, 0)
    refuse(checkDeclared(policy, facts, messages))
    refuse(checkSize(policy, { size: leastSize(chunk), final: false, expected: chunk.totalSize }, messages))
    await pipeline.onUploadCreate?.(facts, context)
    const what = { id, owner, field, filename, type: '', chunk, metadata: {}, fields: [] }
    const record: ResumableRecord = {
      version: 2,
      ...what,
      offset: 0,
      ranges: [],
      state: 'open',
      touched: expiry.touch(),
    }
    await storage.create(id, writeRecord(record))
    pipeline.observer?.created(id, facts)
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

  #receive(at: ChunkReception, record: ResumableRecord, claim: ChunkClaim): IncomingChunk {
    const { storage } = this.#settings
    const { chunk, id } = at
    const isKnown = record.state === 'complete' || covers(record.ranges ?? [], chunk.offset, chunk.offset + 1)
    const sink = isKnown ? comparingSink(at, record, storage) : writingSink(at, record, storage)
    claim.protect(sink)
    return {
      sink,
      finish: async () => {
        try {
          if (!fitsChunk(chunk, sink.received)) throw new UploadError('invalid-chunk')
          claim.end()
          return await this.#turns.take(id, () => this.#note(at, sink.received))
        } finally {
          await claim.release()
        }
      },
      fail: async error => {
        await claim.release()
        const { code } = toUploadError(error)
        if (!retryable.has(code) && code !== 'chunk-conflict' && code !== 'invalid-chunk') {
          await this.#turns.take(id, () => storage.remove(id))
        }
      },
    }
  }

  /** Counts a chunk as received; finishes the upload with the last one missing. */
  async #note({ pipeline, chunk, context, id }: ChunkReception, size: number): Promise<UploadedFile | undefined> {
    const { storage, expiry } = this.#settings
    const record = readRecord(await storage.load(id))
    if (!record) throw new UploadError('upload-gone')
    if (record.state === 'complete') return fileOf(record)
    record.ranges = addRange(record.ranges ?? [], chunk.offset, chunk.offset + size)
    if (chunk.index === chunk.count - 1) record.length = chunk.offset + size
    record.touched = expiry.touch()
    if (record.length === undefined || !isComplete(record.ranges, record.length)) {
      await storage.save(id, writeRecord(record))
      return undefined
    }
    record.offset = record.length
    await storage.save(id, writeRecord(record))
    return fileOf(await this.#uploads.complete(pipeline, record, context))
  }
}

function fileOf(record: ResumableRecord): UploadedFile | undefined {
  const facts = recordFacts(record)
  return record.file && { ...facts, originalName: facts.name, ...record.file }
}
