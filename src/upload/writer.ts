import { UploadError } from '../sansio/errors.ts'
import { release, worthFreeing } from './disposable.ts'
import { Gatherer } from './gather.ts'
import type { Pending, Storage } from './ports.ts'

/** Bytes gathered before they are appended: with the chunk that is too many, what a disk takes well in one write (1 MiB). */
const largeBatch = 960 * 1024
/** The same where many uploads write at once: it is their sum that takes memory. */
const smallBatch = 512 * 1024
const many = 16

/** Appends of this process on their way. */
let inFlight = 0

/** Bytes that policy and own validators see before anything is stored. */
export const headSize = 4 * 1024

/** What a writer asks of its surroundings. */
export interface WriterChecks {
  /** Called for each span with the bytes received so far; throws to refuse. */
  onBytes(received: number, added: number): void
  /** Judges the first bytes before anything is stored; undefined where nobody wants to. */
  readonly onHead: ((head: Uint8Array, received: number) => Promise<void>) | undefined
}

/**
 * Carries the bytes of one upload into the storage: gathered into batches, one append in flight, and a promise for
 * the caller as soon as both are full. That promise, awaited, is the back-pressure down to the sender's socket.
 */
export class UploadWriter {
  readonly id: string
  readonly #storage: Pick<Storage, 'append'>
  readonly #checks: WriterChecks
  readonly #gathered = new Gatherer()
  #received = 0
  #offset = 0
  #stored = 0
  #closed = false
  #judged = false
  #append: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(id: string, storage: Pick<Storage, 'append'>, checks: WriterChecks) {
    this.id = id
    this.#storage = storage
    this.#checks = checks
    this.#judged = checks.onHead === undefined
  }

  /** Bytes taken so far. */
  get received(): number {
    return this.#received
  }

  /**
   * Takes a span, which must not change until the upload is finished or aborted; afterwards its memory may be gone
   * if it was marked as disposable.
   * @param lent {@link keep} is called before the span's chunk is let go of
   * @returns a promise when the caller should wait before the next span
   * @throws what `onBytes` throws
   */
  write(span: Uint8Array, lent?: boolean): Pending {
    if (this.#failure) throw this.#failure.error
    if (this.#closed) throw new UploadError('aborted')
    this.#received += span.length
    this.#checks.onBytes(this.#received, span.length)
    this.#gathered.add(span, lent)
    if (!this.#judged) return this.#received < headSize ? undefined : this.#judge()
    if (this.#gathered.size < (inFlight < many ? largeBatch : smallBatch)) return undefined
    if (this.#append) return this.#append.then(() => this.#start())
    this.#start()
    return undefined
  }

  /** See {@link Gatherer.keep}. */
  keep(): void {
    this.#gathered.keep()
  }

  /** Stores what is left. After it resolves, all bytes are with the storage, but not yet durable. */
  end(): Pending {
    return this.#judged && !this.#append ? this.#endNow() : this.#judgeAndEnd()
  }

  async #judgeAndEnd(): Promise<void> {
    if (!this.#judged) await this.#judge()
    await this.settle()
    await this.#endNow()
  }

  #endNow(): Pending {
    if (this.#gathered.size > 0) this.#start(true)
    if (this.#append) return this.settle()
    if (this.#failure) throw this.#failure.error
    return undefined
  }

  /** Waits for the append in flight; rejects if one failed. */
  async settle(): Promise<void> {
    await this.#append
    if (this.#failure) throw this.#failure.error
  }

  /**
   * After a cut: stores what had come, and takes nothing more.
   * @returns bytes that are stored, without a hole
   */
  async salvage(): Promise<number> {
    this.#closed = true
    try {
      await this.settle()
      if (this.#gathered.size > 0) this.#start()
      await this.settle()
    } catch {
      // What failed is known already: it is why there was a cut, or it is one.
    }
    this.cancel()
    return this.#stored
  }

  /** Takes and stores nothing more; the append in flight may still end. */
  cancel(): void {
    this.#failure ??= { error: new UploadError('aborted') }
  }

  async #judge(): Promise<void> {
    await this.#checks.onHead?.(this.#gathered.head(headSize), this.#received)
    this.#judged = true
  }

  /** Begins one append. A failure is kept for the next call, for nobody awaits this promise at once. */
  #start(last = false): void {
    if (this.#failure) throw this.#failure.error
    const size = this.#gathered.size
    const spans = this.#gathered.take()
    const offset = this.#offset
    this.#offset += size
    const append = this.#storage.append(this.id, offset, spans, last)
    if (!append) {
      this.#stored += size
      return
    }
    inFlight++
    this.#append = append.then(
      () => {
        inFlight--
        this.#append = undefined
        this.#stored += size
        // Less is freed by the collector.
        if (size >= worthFreeing) release(spans)
      },
      error => {
        inFlight--
        this.#append = undefined
        this.#failure ??= { error }
      },
    )
  }
}
