/**
 * Uploads over several requests: the verbs of a transaction (admit, create, append, check, finish or remove, announce)
 * with a record between them. Each call holds the upload's lock; a newer request takes it over, and the older one can
 * then not write another byte.
 */
import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import { UploadError, type UploadErrorCode } from '../sansio/errors.ts'
import { checkDeclared, checkSize } from '../sansio/policy/policy.ts'
import { OffsetMismatch } from '../sansio/resumable/errors.ts'
import type { Checksum, ChecksumAlgorithm } from '../sansio/resumable/intent.ts'
import { pushBody } from './body.ts'
import { factsOf, type Pipeline, refuse, storedName, toUploadError, uploadedFile } from './pipeline.ts'
import type { Clock, Locker, ResumableStorage } from './ports.ts'
import type { IncomingRequest } from './request.ts'
import { type ResumableRecord, readRecord, writeRecord } from './resumable-record.ts'
import type { CandidateFile, UploadContext } from './types.ts'
import { headSize, UploadWriter } from './writer.ts'

/** Bytes after which an offset is made durable in the middle of a request: what a power cut costs at most. */
const durableEvery = 8 * 1024 * 1024

/** Bytes per read when all of an upload is read again. */
const readSize = 1024 * 1024

/** Milliseconds the record of a finished upload is kept, so that a repeated last request gets the same answer. */
const answerKept = 24 * 60 * 60 * 1000

/** What the sender says when an upload begins. */
export interface BeginUpload {
  readonly owner: string
  readonly field?: string
  /** As it came, uncleaned. */
  readonly filename: string
  readonly type: string
  readonly length?: number
  readonly metadata?: Readonly<Record<string, string>>
  /** A piece of a later concatenation: no policy on name and type, never a file of its own. */
  readonly partial?: boolean
  /** The concatenation as it was asked for, to be told again. */
  readonly concat?: string
  /** Of all bytes; checked before the upload becomes a file. */
  readonly digest?: Checksum
}

/** Bytes to be added. */
export interface AppendBytes {
  /** Must be the upload's own offset. */
  readonly offset: number
  /** Total length, if it is said only now. */
  readonly length?: number
  /** With these bytes the upload is complete, for wires that say so; others go by the length. */
  readonly complete?: boolean
  readonly body: IncomingRequest['body']
  /** Judges the bytes of this request before they count: a rejection drops them and leaves the offset. */
  readonly verify?: Checksum
}

/** A running hash (`node:crypto` has one). */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** What the service is made of, beside the pipeline. */
export interface ResumableSettings {
  readonly storage: ResumableStorage
  readonly locker: Locker
  readonly clock: Clock
  readonly createHash: (algorithm: ChecksumAlgorithm) => Hash
  /** Milliseconds an unfinished upload may rest before it is swept. */
  readonly expiry: number
}

/** Refusals that speak of the server alone. */
const unable: ReadonlySet<UploadErrorCode> = new Set(['storage-full', 'storage-failed', 'server-busy', 'shutting-down'])

/** Refusals that say nothing about the upload: what came of it before is kept, and it may go on. */
const passing: ReadonlySet<UploadErrorCode> = new Set([
  ...unable,
  'aborted',
  'continued-elsewhere',
  'too-slow',
  'length-exceeded',
  'inconsistent-length',
  'checksum-mismatch',
])

export class ResumableUploads {
  readonly #settings: ResumableSettings

  constructor(settings: ResumableSettings) {
    this.#settings = settings
  }

  /**
   * Begins an upload. One of length 0 is a file at once.
   * @throws UploadError when policy or `onUploadCreate` refuse
   */
  async begin(pipeline: Pipeline, begin: BeginUpload, context: UploadContext): Promise<ResumableRecord> {
    const { owner, field = '', filename, type, length, metadata = {}, partial, concat, digest } = begin
    const facts = factsOf({ field, filename, type, ...(length === undefined ? {} : { size: length }) }, 0)
    if (!partial) {
      refuse(checkDeclared(pipeline.policy, { ...facts, type }, pipeline.messages))
      await pipeline.onUploadCreate?.(facts, context)
    } else if (length !== undefined) {
      refuse(checkSize(pipeline.policy, { size: length, final: false }, pipeline.messages))
    }
    const now = this.#settings.clock.now()
    const record: ResumableRecord = {
      version: 1,
      id: pipeline.randomId(),
      owner,
      field,
      filename,
      type,
      ...(length === undefined ? {} : { length }),
      offset: 0,
      metadata,
      fields: [...context.fields],
      ...(partial && { partial }),
      ...(concat !== undefined && { concat }),
      ...(digest && { digest: { algorithm: digest.algorithm, base64url: encodeBase64Url(digest.digest) } }),
      state: 'open',
      created: now,
      expires: now + this.#settings.expiry,
    }
    await this.#settings.storage.create(record.id, writeRecord(record))
    return length === 0 ? this.#locked(record.id, () => this.complete(pipeline, record, context)) : record
  }

  /**
   * The upload as it stands; whoever is writing to it has to stop first. Throws `not-found`, `upload-gone`.
   *
   * @param finish for wires where an offset that equals the length means done: an upload that a crash or a cut caught
   *   between its last byte and its name becomes a file now, before anybody is told that offset
   */
  status(
    id: string,
    owner: string,
    finish?: { readonly pipeline: Pipeline; readonly context: UploadContext },
  ): Promise<ResumableRecord> {
    return this.#locked(id, async () => {
      const record = await this.#load(id, owner)
      const isWaiting = record.state === 'open' && !record.partial && record.offset === record.length
      return finish && isWaiting ? this.complete(finish.pipeline, record, finish.context) : record
    })
  }

  /**
   * Adds bytes, and finishes the upload with the last of them. What came before a cut counts.
   * @throws UploadError, among them `OffsetMismatch`, which tells the right offset
   */
  append(
    pipeline: Pipeline,
    id: string,
    owner: string,
    bytes: AppendBytes,
    context: UploadContext,
  ): Promise<ResumableRecord> {
    return this.#locked(id, async contended => {
      const record = await this.#load(id, owner)
      if (record.state === 'complete') return record
      if (bytes.length !== undefined) this.#declareLength(pipeline, record, bytes.length)
      if (bytes.offset !== record.offset) throw new OffsetMismatch(record.offset, bytes.offset)
      await this.#receive(pipeline, record, bytes, context, contended)
      const isAll = bytes.complete ?? record.offset === record.length
      if (!isAll) return record
      if (record.length !== undefined && record.length !== record.offset) throw new UploadError('inconsistent-length')
      return this.complete(pipeline, record, context)
    })
  }

  /** Forgets an upload. A running request is cut first. */
  terminate(id: string, owner: string): Promise<void> {
    return this.#locked(id, async () => {
      await this.#load(id, owner)
      await this.#settings.storage.remove(id)
    })
  }

  /**
   * Makes one file of several finished partial uploads, which stay.
   * @throws UploadError `not-found` for a foreign or unknown one, `invalid-concat` for one that is not ready
   */
  async concat(
    pipeline: Pipeline,
    ids: readonly string[],
    begin: BeginUpload,
    context: UploadContext,
  ): Promise<ResumableRecord> {
    const sources: { id: string; size: number }[] = []
    for (const id of ids) {
      const part = await this.status(id, begin.owner)
      if (!part.partial || part.offset !== part.length) throw new UploadError('invalid-concat')
      sources.push({ id, size: part.offset })
    }
    const length = sources.reduce((sum, { size }) => sum + size, 0)
    const record = await this.begin(pipeline, { ...begin, length }, context)
    if (length === 0) return record
    return this.#locked(record.id, async () => {
      try {
        await this.#settings.storage.concat(record.id, 0, sources)
        record.offset = length
        return await this.complete(pipeline, record, context)
      } catch (error) {
        await this.#settings.storage.remove(record.id)
        throw error
      }
    })
  }

  /** Removes what has expired. @returns how many uploads */
  async sweep(): Promise<number> {
    const { storage, clock } = this.#settings
    let swept = 0
    for await (const { id, record } of storage.records()) {
      if ((readRecord(record)?.expires ?? 0) > clock.now()) continue
      await this.#locked(id, () => storage.remove(id))
      swept++
    }
    return swept
  }

  async #locked<T>(id: string, work: (contended: AbortSignal) => Promise<T>): Promise<T> {
    const { locker, storage } = this.#settings
    const contended = new AbortController()
    const lock = await locker.acquire(id, () => contended.abort(new UploadError('continued-elsewhere')))
    try {
      return await work(contended.signal)
    } finally {
      await storage.release(id).catch(() => {})
      await lock.release()
    }
  }

  async #load(id: string, owner: string): Promise<ResumableRecord> {
    const record = readRecord(await this.#settings.storage.load(id))
    // A stranger's upload and none at all look the same.
    if (!record || record.owner !== owner) throw new UploadError('not-found')
    if (record.expires <= this.#settings.clock.now()) throw new UploadError('upload-gone')
    return record
  }

  #declareLength(pipeline: Pipeline, record: ResumableRecord, length: number): void {
    if (record.length !== undefined && record.length !== length) throw new UploadError('inconsistent-length')
    if (length < record.offset) throw new UploadError('inconsistent-length')
    refuse(checkSize(pipeline.policy, { size: length, final: false }, pipeline.messages))
    record.length = length
  }

  /** Takes the body; whatever ends it, the bytes that came are kept, unless they have to be verified. */
  async #receive(
    pipeline: Pipeline,
    record: ResumableRecord,
    { body, verify }: AppendBytes,
    context: UploadContext,
    contended: AbortSignal,
  ): Promise<void> {
    const base = record.offset
    const hash = verify && this.#settings.createHash(verify.algorithm)
    const writer = this.#writer(pipeline, record, verify === undefined, context)
    try {
      await stoppable(
        pushBody(body, chunk => {
          hash?.update(chunk)
          return writer.write(chunk)
        }),
        contended,
      )
      await writer.end()
      if (verify && hash && !sameBytes(hash.digest(), verify.digest)) throw new UploadError('checksum-mismatch')
    } catch (error) {
      const came = await writer.salvage()
      if (!passing.has(toUploadError(error).code)) {
        await this.#settings.storage.remove(record.id)
        throw error
      }
      if (!verify) await this.#moveOffset(record, base + came)
      throw error
    }
    await this.#moveOffset(record, base + writer.received)
  }

  #writer(pipeline: Pipeline, record: ResumableRecord, isTrusted: boolean, context: UploadContext): UploadWriter {
    const { storage } = this.#settings
    const { policy, messages, validate } = pipeline
    const base = record.offset
    const target = {
      append: async (id: string, at: number, spans: readonly Uint8Array[]) => {
        await storage.write(id, base + at, spans)
        const end = spans.reduce((sum, span) => sum + span.length, base + at)
        if (isTrusted && end - record.offset >= durableEvery) await this.#moveOffset(record, end)
      },
    }
    const wantsHead = validate && !record.partial && !record.judged && base < headSize
    return new UploadWriter(record.id, target, {
      onBytes: received => {
        if (record.length !== undefined && base + received > record.length) throw new UploadError('length-exceeded')
        refuse(checkSize(policy, { size: base + received, final: false }, messages))
      },
      onHead: wantsHead ? (head, received) => this.#judge(pipeline, record, base, head, received, context) : undefined,
    })
  }

  /** Own validators see the first 4 KiB, from however many requests they came. */
  async #judge(
    pipeline: Pipeline,
    record: ResumableRecord,
    base: number,
    head: Uint8Array,
    received: number,
    context: UploadContext,
  ): Promise<void> {
    const total = base + received
    if (total < headSize && total !== record.length) return
    const before = base === 0 ? new Uint8Array() : await this.#settings.storage.readAt(record.id, 0, base)
    const bytes = new Uint8Array(Math.min(headSize, total))
    bytes.set(before)
    bytes.set(head.subarray(0, bytes.length - before.length), before.length)
    await this.#validate(pipeline, record, bytes, total, context)
    record.judged = true
  }

  async #validate(
    pipeline: Pipeline,
    record: ResumableRecord,
    head: Uint8Array,
    received: number,
    context: UploadContext,
  ): Promise<void> {
    const candidate: CandidateFile = { ...this.#facts(record), received, head }
    await pipeline.validate?.(candidate, context)
  }

  async #moveOffset(record: ResumableRecord, offset: number): Promise<void> {
    const { storage, clock, expiry } = this.#settings
    record.offset = offset
    record.expires = clock.now() + expiry
    await storage.save(record.id, writeRecord(record))
  }

  /**
   * All bytes are there: check, commit, announce. A refusal leaves nothing behind, a storage that cannot leaves the
   * upload as it was. The caller holds the lock.
   */
  async complete(pipeline: Pipeline, record: ResumableRecord, context: UploadContext): Promise<ResumableRecord> {
    const { storage } = this.#settings
    record.length = record.offset
    if (record.partial) {
      await this.#moveOffset(record, record.offset)
      return record
    }
    try {
      await this.#checkDigest(record)
      const head = await storage.readAt(record.id, 0, headSize)
      refuse(checkSize(pipeline.policy, { size: record.offset, final: true }, pipeline.messages))
      await this.#validate(pipeline, record, head, record.offset, context)
      await this.#commit(pipeline, record, context)
    } catch (error) {
      // A storage that cannot just now is no verdict on the upload: the last request may be made again.
      const mayTryAgain = record.state === 'open' && unable.has(toUploadError(error).code)
      if (!mayTryAgain)
        await storage.remove(record.id).catch(cause => pipeline.warn(`A refused upload could not be removed: ${cause}`))
      throw error
    }
    return record
  }

  async #checkDigest(record: ResumableRecord): Promise<void> {
    if (!record.digest) return
    const { storage, createHash } = this.#settings
    const hash = createHash(record.digest.algorithm)
    for (let at = 0; at < record.offset; ) {
      const bytes = await storage.readAt(record.id, at, Math.min(readSize, record.offset - at))
      hash.update(bytes)
      at += bytes.length
    }
    if (encodeBase64Url(hash.digest()) !== record.digest.base64url) throw new UploadError('digest-mismatch')
  }

  async #commit(pipeline: Pipeline, record: ResumableRecord, context: UploadContext): Promise<void> {
    const { storage, clock } = this.#settings
    const facts = this.#facts(record)
    const name = await storedName(pipeline, { ...facts, size: record.offset }, context)
    const [stored] = await storage.commit([{ id: record.id, name, size: record.offset }])
    if (!stored) throw new UploadError('storage-failed')
    const file = uploadedFile(stored, facts)
    record.state = 'complete'
    record.file = { id: file.id, name: file.name, size: file.size, type: file.type }
    record.expires = clock.now() + answerKept
    try {
      await storage.save(record.id, writeRecord(record))
      await pipeline.onUploadFinish?.(file, context)
    } catch (error) {
      const gone = await pipeline.storage.delete?.(file.name).catch(() => false)
      if (!gone)
        pipeline.warn(`onUploadFinish refused ${JSON.stringify(file.name)}, but the storage could not delete it`)
      throw error
    }
  }

  #facts(record: ResumableRecord) {
    const { field, filename, type } = record
    return factsOf({ field, filename, type }, 0)
  }
}

/** A promise that a signal ends early; what it stood for is told by its writer to stop. */
async function stoppable(reading: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  reading.catch(() => {})
  stopped.catch(() => {})
  await Promise.race([reading, stopped])
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
