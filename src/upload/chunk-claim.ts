import { UploadError } from '../sansio/errors.ts'
import type { ChunkSink } from './chunk-sink.ts'
import { deferred } from './deferred.ts'
import type { Lock, Locker } from './ports.ts'

/** Who may bring the bytes of which chunk. */
export class ChunkClaims {
  readonly #locker: Locker
  /** By chunk: the same one twice at once in this process is one after the other. */
  readonly #last = new Map<string, Promise<void>>()

  constructor(locker: Locker) {
    this.#locker = locker
  }

  /**
   * Takes the sole right to a chunk. In this process the one before ends first; one in another process has to stop.
   * @param key of the chunk, as an id for the locker
   */
  async take(key: string): Promise<ChunkClaim> {
    const previous = this.#last.get(key)
    const turn = deferred<void>()
    this.#last.set(key, turn.promise)
    const leave = () => {
      turn.resolve()
      if (this.#last.get(key) === turn.promise) this.#last.delete(key)
    }
    await previous
    const claim = new ChunkClaim(leave)
    try {
      claim.hold(await this.#locker.acquire(key, () => void claim.lose()))
      return claim
    } catch (error) {
      leave()
      throw error
    }
  }
}

/**
 * The sole right to bring one chunk. Without it a sender that stalls in one process could write into a file that another
 * process has made of the same chunks meanwhile.
 */
export class ChunkClaim {
  readonly #leave: () => void
  #lock: Lock | undefined
  #sink: ChunkSink | undefined
  #isLost = false
  #isEnding = false

  constructor(leave: () => void) {
    this.#leave = leave
  }

  hold(lock: Lock): void {
    this.#lock = lock
  }

  /** Who has to stop when the claim is lost. @throws UploadError `continued-elsewhere` when it is lost already */
  protect(sink: ChunkSink): void {
    this.#check()
    this.#sink = sink
  }

  /** From now on the claim is not given up before its release. @throws UploadError as {@link protect} */
  end(): void {
    this.#check()
    this.#isEnding = true
  }

  /** Somebody else has come with the same chunk: stop, and let them. */
  async lose(): Promise<void> {
    this.#isLost = true
    if (!this.#isEnding) await this.release()
  }

  /** Gives the claim back when nothing is being written any more. */
  async release(): Promise<void> {
    this.#sink?.cancel()
    await this.#sink?.settle().catch(() => {})
    this.#leave()
    await this.#lock?.release()
  }

  #check(): void {
    if (this.#isLost) throw new UploadError('continued-elsewhere')
  }
}
