import { UploadError } from '../sansio/errors.ts'
import type { Locker, ResumableStorage } from './ports.ts'

/** The locks of uploads: the newest request wins, and the older one can then not write another byte. */
export class UploadLocks {
  readonly #locker: Locker
  readonly #storage: ResumableStorage
  /** How many in this process have or want the lock of an upload. */
  readonly #inUse = new Map<string, number>()

  constructor({ locker, storage }: { readonly locker: Locker; readonly storage: ResumableStorage }) {
    this.#locker = locker
    this.#storage = storage
  }

  /** Whether this process works on an upload, or waits to. */
  isInUse(id: string): boolean {
    return this.#inUse.has(id)
  }

  /**
   * Runs `work` with the lock of an upload.
   * @param work its signal aborts when a newer request asks: stop, make durable what came
   */
  async hold<T>(id: string, work: (contended: AbortSignal) => Promise<T>): Promise<T> {
    const contended = new AbortController()
    this.#count(id, 1)
    try {
      const lock = await this.#locker.acquire(id, () => contended.abort(new UploadError('continued-elsewhere')))
      try {
        return await work(contended.signal)
      } finally {
        await this.#storage.release(id).catch(() => {})
        await lock.release()
      }
    } finally {
      this.#count(id, -1)
    }
  }

  #count(id: string, by: number): void {
    const count = (this.#inUse.get(id) ?? 0) + by
    if (count > 0) this.#inUse.set(id, count)
    else this.#inUse.delete(id)
  }
}
