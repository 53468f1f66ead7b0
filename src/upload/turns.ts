import { toUploadError } from './pipeline.ts'
import type { Locker } from './ports.ts'

/** How often the lock is asked for again when another process was quicker. */
const lockTries = 20

/**
 * Short work on one upload, one after another: in this process by waiting in line, because the lock is for one of each
 * process and makes its holder stop; between processes by the lock.
 */
export class Turns {
  readonly #locker: Locker
  readonly #last = new Map<string, Promise<unknown>>()

  constructor(locker: Locker) {
    this.#locker = locker
  }

  /** Runs `work` when all that was asked for before it has ended. */
  async take<T>(id: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(id) ?? Promise.resolve()
    const own = previous.catch(() => {}).then(() => this.#withLock(id, work))
    this.#last.set(id, own)
    try {
      return await own
    } finally {
      if (this.#last.get(id) === own) this.#last.delete(id)
    }
  }

  async #withLock<T>(id: string, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        // The work is short: whoever asks meanwhile waits.
        const lock = await this.#locker.acquire(id, () => {})
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
