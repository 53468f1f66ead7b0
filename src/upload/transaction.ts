import { isUploadError, UploadError } from '../sansio/errors.ts'
import { cleanFilename, extensionOf, randomFilename } from '../sansio/filename.ts'
import type { Messages } from '../sansio/messages.ts'
import { checkCount, checkDeclared, checkSize, checkTotal, essenceOf, type Policy } from '../sansio/policy/policy.ts'
import type { Storage, StoredFile } from './ports.ts'
import type { CandidateFile, FileFacts, Hooks, Naming, UploadContext, UploadedFile, Validator } from './types.ts'
import { UploadWriter } from './writer.ts'

/** What the pipeline is made of; the same for all requests of one engine. */
export interface Pipeline extends Pick<Hooks, 'onUploadCreate' | 'onUploadFinish'> {
  readonly storage: Storage
  /** May become narrower for one request once its page is known, and before its first file. */
  policy: Policy
  readonly messages: Messages
  readonly naming: Naming
  readonly validate: Validator | undefined
  /** 32 random hex digits: 128 bits nobody can guess. */
  readonly randomId: () => string
  /** Counts the files of more than one request, e.g. of one page. `take` throws when there are too many. */
  quota?: { take(): void; giveBack(): void } | undefined
  /** Something went wrong after the fact and cannot be told to the client. */
  readonly warn: (line: string) => void
}

/** What the sender says of a file before its bytes. */
export interface DeclaredFile {
  readonly field: string
  /** As it came, uncleaned. */
  readonly filename: string
  readonly type: string
  /** Bytes, if the protocol says so before the end. */
  readonly size?: number
  /** Bytes, as a good guess for the sentence only (a lone file in a body of known length). */
  readonly likelySize?: number
}

interface OpenUpload {
  readonly facts: FileFacts
  readonly writer: UploadWriter
  readonly context: UploadContext
}

/**
 * The uploads of one request: all of them become files, or none of them.
 *
 * The verbs, in order: `admit` (policy on declared facts, hook, create), `write` and `end` of the writer it returns
 * (append), then `finish` (check, commit, announce) or `abort` (remove).
 */
export class UploadTransaction {
  readonly #pipeline: Pipeline
  readonly #uploads: OpenUpload[] = []
  #total = 0
  #taken = 0
  #closed = false
  #current: FileFacts | undefined

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
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
  async admit(declared: DeclaredFile, index: number, context: UploadContext): Promise<UploadWriter> {
    const { policy, messages, storage, onUploadCreate } = this.#pipeline
    const facts = factsOf(declared, index)
    this.#current = facts
    refuse(checkCount(policy, index + 1, messages))
    refuse(checkDeclared(policy, { ...facts, type: declared.type }, messages))
    this.#take()
    await onUploadCreate?.(facts, context)
    await storage.prepare?.()
    const upload = { id: this.#pipeline.randomId(), name: facts.name, type: facts.type }
    await storage.create(declared.size === undefined ? upload : { ...upload, length: declared.size })
    const writer = this.#writer(upload.id, facts, declared.likelySize ?? declared.size, context)
    this.#uploads.push({ facts, writer, context })
    // The sender may have vanished while a hook or the storage took its time.
    if (this.#closed) {
      await this.#remove(writer)
      throw new UploadError('aborted')
    }
    return writer
  }

  /**
   * Checks the measured facts, makes the files visible and durable, and tells `onUploadFinish`.
   * If that hook refuses, the files are deleted again where the storage can.
   */
  async finish(): Promise<readonly UploadedFile[]> {
    const items: { id: string; name: string }[] = []
    for (const { facts, writer, context } of this.#uploads) {
      refuse(checkSize(this.#pipeline.policy, { size: writer.received, final: true }, this.#pipeline.messages))
      items.push({ id: writer.id, name: await this.#nameOf({ ...facts, size: writer.received }, context) })
    }
    const stored = items.length === 0 ? [] : await this.#pipeline.storage.commit(items)
    this.#closed = true
    const files = stored.map((file, at) => uploadedFile(file, (this.#uploads[at] as OpenUpload).facts))
    await this.#announce(files)
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

  #writer(id: string, facts: FileFacts, likelySize: number | undefined, context: UploadContext): UploadWriter {
    const { policy, messages, validate, storage } = this.#pipeline
    const expected = likelySize === undefined ? {} : { expected: likelySize }
    return new UploadWriter(id, storage, {
      onBytes: (received, added) => {
        refuse(checkSize(policy, { size: received, final: false, ...expected }, messages))
        this.#total += added
        refuse(checkTotal(policy, this.#total, messages))
      },
      onHead:
        validate &&
        (async (head, received) => {
          const candidate: CandidateFile = { ...facts, received, head }
          await validate(candidate, context)
        }),
    })
  }

  async #nameOf(facts: FileFacts, context: UploadContext): Promise<string> {
    const { naming, randomId } = this.#pipeline
    if (naming === 'original') return facts.name
    if (naming === 'random') return randomFilename(facts.name, randomId())
    return cleanFilename(await naming(facts, context))
  }

  async #announce(files: readonly UploadedFile[]): Promise<void> {
    const { onUploadFinish, storage, warn } = this.#pipeline
    if (!onUploadFinish) return
    try {
      for (const [at, file] of files.entries()) await onUploadFinish(file, (this.#uploads[at] as OpenUpload).context)
    } catch (error) {
      this.#giveBack()
      for (const file of files) {
        const gone = await storage.delete?.(file.name).catch(() => false)
        if (!gone) warn(`onUploadFinish refused ${JSON.stringify(file.name)}, but the storage could not delete it`)
      }
      throw error
    }
  }
}

/** The cleaned facts of a declared file. Throws `name-not-allowed`. */
export function factsOf(declared: DeclaredFile, index: number): FileFacts {
  const name = cleanFilename(declared.filename)
  const facts = {
    field: declared.field,
    index,
    name,
    extension: extensionOf(name),
    type: essenceOf(declared.type) ?? '',
  }
  return declared.size === undefined ? facts : { ...facts, size: declared.size }
}

function uploadedFile(stored: StoredFile, facts: FileFacts): UploadedFile {
  const { id, name, size, path } = stored
  const file = { ...facts, id, name, originalName: facts.name, size }
  return path === undefined ? file : { ...file, path }
}

function refuse(error: UploadError | undefined): void {
  if (error) throw error
}

/** Any thrown thing as a refusal in words; what is not one of ours becomes `internal`, with the cause kept for the log. */
export function toUploadError(error: unknown): UploadError {
  return isUploadError(error) ? error : new UploadError('internal', undefined, { cause: error })
}
