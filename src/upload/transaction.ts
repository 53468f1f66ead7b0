import { type FileFacts, UploadError } from '../sansio/errors.ts'
import { checkCount, checkDeclared, checkSize, checkTotal } from '../sansio/policy/policy.ts'
import { headJudge } from './head-judge.ts'
import { inspect } from './inspect.ts'
import { type DeclaredFile, factsOf, type Pipeline, refuse, storedName, uploadedFile } from './pipeline.ts'
import type { NewUpload, Pending } from './ports.ts'
import type { UploadContext, UploadedFile } from './types.ts'
import { UploadWriter, type WriterChecks } from './writer.ts'

/** One upload of a transaction. */
class OpenUpload implements WriterChecks {
  readonly facts: FileFacts
  readonly context: UploadContext
  readonly writer: UploadWriter
  readonly onHead: WriterChecks['onHead']
  readonly #pipeline: Pipeline
  readonly #total: { bytes: number }
  /** Bytes that are likely to come, for the sentence. */
  readonly #expected: number | undefined

  constructor(
    id: string,
    facts: FileFacts,
    context: UploadContext,
    pipeline: Pipeline,
    total: { bytes: number },
    expected: number | undefined,
    onHead: WriterChecks['onHead'],
  ) {
    this.facts = facts
    this.context = context
    this.onHead = onHead
    this.#pipeline = pipeline
    this.#total = total
    this.#expected = expected
    this.writer = new UploadWriter(id, pipeline.storage, this)
  }

  onBytes(received: number, added: number): void {
    const { policy, messages, account } = this.#pipeline
    refuse(checkSize(policy, { size: received, final: false, expected: this.#expected }, messages))
    this.#total.bytes += added
    refuse(checkTotal(policy, this.#total.bytes))
    account?.reserve(added)
  }
}

/**
 * The uploads of one request: all of them become files, or none of them.
 *
 * The verbs, in order: `admit` (policy on declared facts, hook, create), `write` and `end` of the writer it returns
 * (append), then `finish` (check, commit, announce) or `abort` (remove).
 */
export class UploadTransaction {
  readonly #pipeline: Pipeline
  #uploads: OpenUpload[] = []
  readonly #total: { bytes: number }
  #taken = 0
  #closed = false
  #current: FileFacts | undefined

  /** @param total of the request, where one request has several transactions */
  constructor(pipeline: Pipeline, total: { bytes: number } = { bytes: 0 }) {
    this.#pipeline = pipeline
    this.#total = total
  }

  /** How many uploads were admitted. */
  get count(): number {
    return this.#uploads.length
  }

  /** The file that is being received, or was last: what a refusal is about. */
  get current(): FileFacts | undefined {
    return this.#current
  }

  /**
   * Admits one file by what the sender says of it.
   * @param index its position among the files of the request
   * @throws UploadError when policy or `onUploadCreate` refuse, or the storage cannot
   */
  admit(declared: DeclaredFile, index: number, context: UploadContext): UploadWriter | Promise<UploadWriter> {
    const { policy, messages, onUploadCreate, storage } = this.#pipeline
    const facts = factsOf(declared, index)
    this.#current = facts
    refuse(checkCount(policy, index + 1, messages))
    refuse(checkDeclared(policy, { name: facts.name, type: declared.type, size: declared.size }, messages))
    this.#take()
    const waiting = onUploadCreate ? this.#ask(onUploadCreate, facts, context) : storage.prepare?.()
    return waiting ? waiting.then(() => this.#open(declared, facts, context)) : this.#open(declared, facts, context)
  }

  /**
   * Checks the measured facts, makes the files visible and durable, and tells `onUploadFinish`.
   * If that hook refuses, the files are deleted again where the storage can.
   */
  async finish(): Promise<readonly UploadedFile[]> {
    const { policy, messages, storage, inspectors } = this.#pipeline
    const items: { id: string; name: string }[] = []
    for (const { facts, writer, context } of this.#uploads) {
      const { id, received: size } = writer
      refuse(checkSize(policy, { size, final: true }, messages))
      if (inspectors.length > 0) await inspect(this.#pipeline, storage, { id, facts, size }, context)
      const name = storedName(this.#pipeline, facts, size, context)
      items.push({ id, name: typeof name === 'string' ? name : await name })
    }
    const stored = items.length === 0 ? [] : await storage.commit(items)
    this.#closed = true
    const files = stored.map((file, at) => uploadedFile(file, (this.#uploads[at] as OpenUpload).facts))
    await this.#announce(files)
    this.#pipeline.account?.keep()
    return files
  }

  /** Leaves nothing behind. Idempotent; never rejects. */
  async abort(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { writer } of this.#uploads) await this.#remove(writer)
    this.#giveBack()
  }

  #giveBack(): void {
    for (; this.#taken > 0; this.#taken--) this.#pipeline.quota?.giveBack()
  }

  #take(): void {
    if (!this.#pipeline.quota) return
    this.#pipeline.quota.take()
    this.#taken++
  }

  async #remove(writer: UploadWriter): Promise<void> {
    writer.cancel()
    await this.#pipeline.storage
      .remove(writer.id)
      .catch(error => this.#pipeline.warn(`An aborted upload could not be removed: ${String(error)}`))
  }

  async #ask(hook: NonNullable<Pipeline['onUploadCreate']>, facts: FileFacts, context: UploadContext): Promise<void> {
    await hook(facts, context)
    await this.#pipeline.storage.prepare?.()
  }

  /** Begins an upload: at once, or where somebody looks at the first bytes, once they were found good. */
  #open(declared: DeclaredFile, facts: FileFacts, context: UploadContext): UploadWriter | Promise<UploadWriter> {
    const { size, likelySize = size } = declared
    const named = { id: this.#pipeline.randomId(), name: facts.name, type: facts.type }
    const upload: NewUpload = size === undefined ? named : { ...named, length: size }
    const judge = headJudge(this.#pipeline)
    const onHead =
      judge &&
      (async (head: Uint8Array, received: number) => {
        await judge(facts, head, received, context)
        await this.#create(upload, open)
      })
    const open = new OpenUpload(upload.id, facts, context, this.#pipeline, this.#total, likelySize, onHead)
    // What is pushed to an empty array makes room for 17, and most requests have one file. No literal: decisions/0019.
    if (this.#uploads.length === 0) this.#uploads = Array.of(open)
    else this.#uploads.push(open)
    const creating = judge ? undefined : this.#create(upload, open)
    return creating ? creating.then(() => open.writer) : open.writer
  }

  #create(upload: NewUpload, open: OpenUpload): Pending {
    // The sender may have vanished while somebody judged or a hook took its time.
    if (this.#closed) throw new UploadError('aborted')
    const creating = this.#pipeline.storage.create(upload)
    if (creating) return creating.then(() => this.#created(open))
    this.#pipeline.observer?.created(upload.id, open.facts)
    return undefined
  }

  async #created({ facts, writer }: OpenUpload): Promise<void> {
    this.#pipeline.observer?.created(writer.id, facts)
    if (!this.#closed) return
    await this.#remove(writer)
    throw new UploadError('aborted')
  }

  async #announce(files: readonly UploadedFile[]): Promise<void> {
    const { onUploadFinish, storage, warn } = this.#pipeline
    if (!onUploadFinish) return
    try {
      for (const [at, file] of files.entries()) await onUploadFinish(file, (this.#uploads[at] as OpenUpload).context)
    } catch (error) {
      this.#giveBack()
      for (const file of files) {
        const gone = await storage.delete?.(file.name, file.tag).catch(() => false)
        if (!gone) warn(`onUploadFinish refused ${JSON.stringify(file.name)}, but the storage could not delete it`)
      }
      throw error
    }
  }
}
