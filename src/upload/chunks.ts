/**
 * Dropzone's chunks: pieces of one file in requests of their own, in any order, repeated, several at once. Each is
 * written at its place; what has come is a set of ranges in the upload's record; whoever completes the set finishes the
 * upload, once. tus and the IETF protocol may go on with such an upload, and chunks with one of theirs.
 */

import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import { concatBytes } from '../sansio/bytes/concat.ts'
import { encodeUtf8 } from '../sansio/bytes/utf8.ts'
import { type Chunk, fitsChunk, leastSize } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import { checkDeclared, checkSize } from '../sansio/policy/policy.ts'
import { type ChunkClaim, ChunkClaims } from './chunk-claim.ts'
import { addChunk, fileOf, isThere, mayJoin } from './chunk-record.ts'
import { type ChunkReception, comparingSink, writingSink } from './chunk-sink.ts'
import { claimKey, endWriters } from './chunk-writers.ts'
import type { FileSink, IncomingFile } from './parts.ts'
import { factsOf, type Pipeline, refuse, toUploadError } from './pipeline.ts'
import { remembered } from './remembered.ts'
import type { ResumableSettings, ResumableUploads } from './resumable.ts'
import { presentRanges, type ResumableRecord, readRecord, writeRecord } from './resumable-record.ts'
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
  /** Of its upload. */
  readonly id: string
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
    const id = await this.#idOf(owner, chunk.uuid)
    const at: ChunkReception = { pipeline, context, chunk, id, owner }
    const claim = await this.#claims.take(claimKey(id, chunk.index))
    try {
      const record = await this.#turns.take(id, () => this.#begin(at, file))
      return this.#receive(at, record, claim)
    } catch (error) {
      await claim.release()
      throw error
    }
  }

  /**
   * The upload that a chunk is of: one that tus or the IETF protocol began, whose id is the same 128 bits, or one that
   * chunks began. There the owner is part of the key: a stranger's chunk with the same uuid is another upload.
   */
  async #idOf(owner: string, uuid: string): Promise<string> {
    const begun = uuid.replaceAll('-', '')
    if (await this.#uploads.isOwn(begun, owner)) return begun
    const hash = this.#settings.createHash('sha256')
    hash.update(concatBytes([encodeUtf8(uuid), Uint8Array.of(0), encodeUtf8(owner)]))
    return encodeBase64Url(hash.digest())
  }

  /** The record of the chunk's file, made by whichever chunk comes first. */
  async #begin(at: ChunkReception, file: IncomingFile): Promise<ResumableRecord> {
    const { storage, expiry } = this.#settings
    const { chunk, id, owner } = at
    const known = readRecord(await storage.load(id))
    const isGone = known !== undefined && expiry.judge(known) === 'gone'
    const isByOthers = id === chunk.uuid.replaceAll('-', '')
    if (isByOthers && (isGone || known?.owner !== owner)) {
      if (known) await storage.save(id, writeRecord({ ...known, gone: true }))
      throw new UploadError('upload-gone')
    }
    if (known && !isGone) {
      if (!mayJoin(known, chunk)) throw new UploadError('invalid-chunk')
      if (isByOthers || (await this.#hasBytes(known))) return this.#enlist(known, chunk)
    }
    if (known) await storage.remove(id)
    return this.#create(at, file, known?.writing ?? [])
  }

  /** Writes down that this chunk is going to be written, unless all of it is there. */
  async #enlist(record: ResumableRecord, chunk: Chunk): Promise<ResumableRecord> {
    if (isThere(record, chunk)) return record
    record.chunk ??= chunk
    record.writing = [...new Set(record.writing).add(chunk.index)]
    record.touched = this.#settings.expiry.touch()
    await this.#settings.storage.save(record.id, writeRecord(record))
    return record
  }

  /** @param writing chunks of an upload of the same id that may still be written */
  async #create(
    { pipeline, chunk, context, id, owner }: ChunkReception,
    file: IncomingFile,
    writing: readonly number[],
  ): Promise<ResumableRecord> {
    const { storage, expiry } = this.#settings
    const { policy, messages } = pipeline
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
      writing: [...new Set(writing).add(chunk.index)],
      state: 'open',
      touched: expiry.touch(),
    }
    await storage.create(id, writeRecord(record))
    pipeline.observer?.created(id, facts)
    return record
  }

  /** False for what a crash in the middle of `create` can leave: a record to which no byte can be added. */
  async #hasBytes(record: ResumableRecord): Promise<boolean> {
    if (record.state === 'complete' || presentRanges(record).length > 0) return true
    return this.#settings.storage.readAt(record.id, 0, 1).then(
      () => true,
      () => false,
    )
  }

  #receive(at: ChunkReception, record: ResumableRecord, claim: ChunkClaim): IncomingChunk {
    const { storage } = this.#settings
    const { chunk, id } = at
    const isWriting = !isThere(record, chunk)
    const sink = isWriting ? writingSink(at, record, storage) : comparingSink(at, record, storage)
    claim.protect(sink)
    return {
      id,
      sink,
      finish: async () => {
        try {
          if (!fitsChunk(chunk, sink.received)) throw new UploadError('invalid-chunk')
          claim.end()
          return await this.#turns.take(id, () => this.#note(at, sink.received, isWriting))
        } finally {
          await claim.release()
        }
      },
      fail: async error => {
        await claim.release()
        const { code } = toUploadError(error)
        if (!retryable.has(code) && code !== 'chunk-conflict' && code !== 'invalid-chunk') await this.#remove(id)
      },
    }
  }

  /** Counts a chunk as received; finishes the upload with the last one missing. */
  async #note(at: ChunkReception, size: number, isWriting: boolean): Promise<UploadedFile | undefined> {
    const { storage, expiry } = this.#settings
    const { pipeline, chunk, context, id } = at
    const record = readRecord(await storage.load(id))
    if (!record) throw new UploadError('upload-gone')
    if (record.state === 'complete') return fileOf(record)
    // Of the same id, but not the upload that these bytes were written to or compared with.
    const isSame = isWriting ? record.writing?.includes(chunk.index) : isThere(record, chunk)
    if (!isSame) throw new UploadError('continued-elsewhere')
    addChunk(record, chunk, size)
    record.touched = expiry.touch()
    await storage.save(id, writeRecord(record))
    if (record.offset !== record.length) return undefined
    return fileOf(await this.#uploads.complete(pipeline, record, remembered(context, record)))
  }

  /** Forgets an upload when nobody can write to it any more: its id may come again. */
  async #remove(id: string): Promise<void> {
    const { storage, locker } = this.#settings
    for (;;) {
      const record = await this.#turns.take(id, async () => {
        const found = readRecord(await storage.load(id))
        if (found?.writing?.length) await storage.save(id, writeRecord({ ...found, writing: [] }))
        else await storage.remove(id)
        return found
      })
      if (!record?.writing?.length) return
      // Not within the turn: a chunk that has come as a whole waits for one too.
      await endWriters(locker, record)
    }
  }
}
