/**
 * Uploads over several requests: the verbs of a transaction (admit, create, append, check, finish or remove, announce)
 * with a record between them. Each call holds the upload's lock; a newer request takes it over, and the older one can
 * then not write another byte.
 */
import { UploadError } from '../sansio/errors.ts'
import { checkDeclared, checkSize } from '../sansio/policy/policy.ts'
import { OffsetMismatch } from '../sansio/resumable/errors.ts'
import { endWriters } from './chunk-writers.ts'
import type { Cut } from './cut.ts'
import { factsOf, refuse, toUploadError } from './pipeline.ts'
import { remembered } from './remembered.ts'
import { digestsOf, newRecord } from './resumable-begin.ts'
import { finishUpload } from './resumable-finish.ts'
import { receiveBytes } from './resumable-receive.ts'
import { mostBytes, type ResumableRecord, readRecord, writeRecord } from './resumable-record.ts'
import type { AppendBytes, BeginUpload, ResumablePipeline, ResumableSettings } from './resumable-settings.ts'
import { sweepUploads } from './resumable-sweep.ts'
import type { UploadContext } from './types.ts'
import { unfinishedBytes } from './unfinished.ts'
import { UploadLocks } from './upload-locks.ts'
import { isWhole, mayMeasure } from './whole.ts'

export type { AppendBytes, BeginUpload, ResumablePipeline, ResumableSettings } from './resumable-settings.ts'

export class ResumableUploads {
  readonly #settings: ResumableSettings
  readonly #locks: UploadLocks

  constructor(settings: ResumableSettings) {
    this.#settings = settings
    this.#locks = new UploadLocks(settings)
  }

  /**
   * Begins an upload. One of length 0 is a file at once.
   * @throws UploadError when policy or `onUploadCreate` refuse
   */
  async begin(pipeline: ResumablePipeline, begin: BeginUpload, context: UploadContext): Promise<ResumableRecord> {
    const { filename, type, field = '', length, partial } = begin
    const size = length === undefined ? {} : { size: length }
    if (!partial) {
      const facts = factsOf({ field, filename, type, ...size }, 0)
      refuse(checkDeclared(pipeline.policy, { ...facts, type }, pipeline.messages))
      // Counted when it is a file; but nobody shall send one for nothing.
      pipeline.quota?.take()
      pipeline.quota?.giveBack()
      await pipeline.onUploadCreate?.(facts, context)
    } else if (length !== undefined) {
      refuse(checkSize(pipeline.policy, { size: length, final: false }, pipeline.messages))
    }
    pipeline.account?.reserve(length ?? 0)
    const record = { ...newRecord(pipeline.randomId(), begin, context), touched: this.#settings.expiry.touch() }
    await this.#settings.storage.create(record.id, writeRecord(record))
    if (!partial) pipeline.observer?.created(record.id, factsOf({ field, filename, type, ...size }, 0))
    const finish = () => this.complete(pipeline, record, context)
    return length === 0 ? this.#locks.hold(record.id, finish, begin.owner) : record
  }

  /** The upload as it stands; whoever is writing to it has to stop first. Throws `not-found`, `upload-gone`. */
  status(id: string, owner: string): Promise<ResumableRecord> {
    return this.#hold(id, owner, async record => record)
  }

  /**
   * The same, for wires whose clients take "all bytes are there" for "it is a file": what a crash left between the two
   * is finished first.
   * @throws UploadError also what the end of an upload throws
   */
  settle(pipeline: ResumablePipeline, id: string, owner: string, context: UploadContext): Promise<ResumableRecord> {
    return this.#hold(id, owner, async record => {
      const isLeft = record.state === 'open' && !record.partial && record.offset === record.length
      return isLeft ? this.complete(pipeline, record, remembered(context, record)) : record
    })
  }

  /**
   * Adds bytes, and finishes the upload with the last of them. What came before a cut counts.
   * @throws UploadError, among them `OffsetMismatch`, which tells the right offset
   */
  append(
    pipeline: ResumablePipeline,
    id: string,
    owner: string,
    bytes: AppendBytes,
    context: UploadContext,
  ): Promise<ResumableRecord> {
    const isNext = (record: ResumableRecord) => record.state === 'open' && bytes.offset === record.offset
    return this.#holdAlone(id, owner, isNext, async (record, contended, alone) => {
      if (record.concat !== undefined && !record.partial) throw new UploadError('upload-final')
      if (bytes.length !== undefined) this.#declareLength(pipeline, record, bytes.length)
      if (record.state === 'complete' && bytes.offset <= record.offset) return record
      if (bytes.offset !== record.offset) throw new OffsetMismatch(record.offset, bytes.offset)
      if (record.offset + (bytes.bodyLength ?? 0) > mostBytes(record)) throw new UploadError('length-exceeded')
      await alone()
      Object.assign(record, digestsOf(bytes))
      const known = remembered(context, record)
      await receiveBytes({ settings: this.#settings, pipeline, record, bytes, context: known }, contended)
      if (!isWhole(record, bytes.complete)) return record
      return this.complete(pipeline, record, known)
    })
  }

  /** Forgets an upload. A running request is cut first. */
  terminate(id: string, owner: string): Promise<void> {
    return this.#holdAlone(
      id,
      owner,
      () => true,
      async (_record, _contended, alone) => {
        await alone()
        await this.#settings.storage.remove(id)
      },
    )
  }

  /**
   * Makes one file of several finished partial uploads, which stay.
   * @throws UploadError `not-found` for a foreign or unknown one, `invalid-concat` for one that is not ready
   */
  async concat(
    pipeline: ResumablePipeline,
    ids: readonly string[],
    begin: BeginUpload,
    context: UploadContext,
  ): Promise<ResumableRecord> {
    const sizes = new Map<string, number>()
    for (const id of new Set(ids)) {
      const part = await this.status(id, begin.owner)
      if (!part.partial || part.offset !== part.length) throw new UploadError('invalid-concat')
      sizes.set(id, part.offset)
    }
    const sources = ids.map(id => ({ id, size: sizes.get(id) ?? 0 }))
    const length = sources.reduce((sum, { size }) => sum + size, 0)
    const record = await this.begin(pipeline, { ...begin, length }, context)
    if (length === 0) return record
    const join = async () => {
      try {
        await this.#settings.storage.concat(record.id, 0, sources)
        record.offset = length
        return await this.complete(pipeline, record, context)
      } catch (error) {
        await this.#settings.storage.remove(record.id)
        throw error
      }
    }
    return this.#locks.hold(record.id, join, begin.owner)
  }

  /** Milliseconds since 1970 at which an upload is given up if nobody goes on with it. */
  ends(record: ResumableRecord): number {
    return this.#settings.expiry.ends(record)
  }

  /** Whether there is such an upload of the owner's. */
  async isOwn(id: string, owner: string): Promise<boolean> {
    try {
      await this.#locks.peek(id, owner)
      return true
    } catch (error) {
      if (toUploadError(error).code === 'not-found') return false
      throw error
    }
  }

  /** Bytes that an owner's unfinished uploads take, or will take. */
  unfinishedBytes(owner: string): Promise<number> {
    return unfinishedBytes(this.#settings.storage, owner)
  }

  /** Removes what has expired; what only the wall clock says that of gets a notice. @returns how many were removed */
  sweep(): Promise<number> {
    return sweepUploads(this.#settings, this.#locks)
  }

  /** All bytes are there: check, commit, announce. A refusal leaves nothing behind. The caller holds the lock. */
  async complete(
    pipeline: ResumablePipeline,
    record: ResumableRecord,
    context: UploadContext,
  ): Promise<ResumableRecord> {
    await finishUpload(this.#settings, pipeline, record, context)
    return record
  }

  /** Runs `work` on an upload of the owner's, with its lock. */
  async #hold<T>(id: string, owner: string, work: (record: ResumableRecord) => Promise<T>): Promise<T> {
    await this.#locks.peek(id, owner)
    return this.#locks.hold(id, async () => work(await this.#load(id, owner)), owner)
  }

  /**
   * The same for work that bears no writers of chunks beside it: once `alone` has resolved, there are none.
   * @param isWorth whether it looks as if `alone` will be called. The writers are then ended before the lock is taken
   * from anybody, since one whose chunk has come as a whole needs the lock to note it.
   */
  async #holdAlone<T>(
    id: string,
    owner: string,
    isWorth: (record: ResumableRecord) => boolean,
    work: (record: ResumableRecord, contended: Cut, alone: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const { locker } = this.#settings
    const seen = await this.#locks.peek(id, owner)
    if (seen && isWorth(seen)) await endWriters(locker, seen)
    const hold = async (contended: Cut) => {
      const record = await this.#load(id, owner)
      const alone = async () => {
        await endWriters(locker, record, contended)
        // Written down with the next offset; until then they are only asked for in vain.
        delete record.writing
      }
      return work(record, contended, alone)
    }
    return this.#locks.hold(id, hold, owner)
  }

  async #load(id: string, owner: string): Promise<ResumableRecord> {
    const record = readRecord(await this.#settings.storage.load(id))
    // A stranger's upload and none at all look the same.
    if (!record || record.owner !== owner) throw new UploadError('not-found')
    const { storage, expiry } = this.#settings
    const verdict = expiry.judge(record)
    if (verdict === 'live') return record
    // Whoever hears that it is gone gives up: the next process must not think better of it.
    if (verdict === 'gone') record.gone = true
    // Whoever asks for one that seemed to have expired shows that it has not.
    else record.touched = expiry.touch()
    await storage.save(id, writeRecord(record))
    if (verdict === 'gone') throw new UploadError('upload-gone')
    return record
  }

  #declareLength(pipeline: ResumablePipeline, record: ResumableRecord, length: number): void {
    if (record.length !== undefined && record.length !== length) throw new UploadError('inconsistent-length')
    if (!mayMeasure(record, length)) throw new UploadError('inconsistent-length')
    refuse(checkSize(pipeline.policy, { size: length, final: false }, pipeline.messages))
    record.length = length
  }
}
