import { UploadError } from '../sansio/errors.ts'
import { Cut } from './cut.ts'
import type { Locker, ResumableStorage } from './ports.ts'
import { type ResumableRecord, readRecord } from './resumable-record.ts'

/** What this process knows of an upload that it works on. */
interface InUse {
  /** How many have or want its lock. */
  count: number
  readonly owner: string | undefined
}

/** The locks of uploads: the newest request wins, and the older one can then not write another byte. */
export class UploadLocks {
  readonly #locker: Locker
  readonly #storage: ResumableStorage
  readonly #inUse = new Map<string, InUse>()

  constructor({ locker, storage }: { readonly locker: Locker; readonly storage: ResumableStorage }) {
    this.#locker = locker
    this.#storage = storage
  }

  /** Whether this process works on an upload, or waits to. */
  isInUse(id: string): boolean {
    return this.#inUse.has(id)
  }

  /**
   * Looks whose an upload is before its lock is asked for, which would interrupt the owner's request. What is read here
   * may have changed by the time the lock is there.
   *
   * @returns its record; undefined while somebody of this process has the lock, and knows it better
   * @throws UploadError `not-found` for a stranger's upload, as for none at all
   */
  async peek(id: string, owner: string): Promise<ResumableRecord | undefined> {
    const known = this.#inUse.get(id)?.owner
    const record = known === undefined ? readRecord(await this.#storage.load(id)) : undefined
    if ((known ?? record?.owner) !== owner) throw new UploadError('not-found')
    return record
  }

  /**
   * Runs `work` with the lock of an upload.
   * @param work its cut is made when a newer request asks: stop, make durable what came
   * @param owner whose upload it is, if the caller knows
   */
  async hold<T>(id: string, work: (contended: Cut) => Promise<T>, owner?: string): Promise<T> {
    const contended = new Cut()
    this.#enter(id, owner)
    try {
      const lock = await this.#locker.acquire(id, () => contended.make(new UploadError('continued-elsewhere')))
      try {
        return await work(contended)
      } finally {
        await this.#storage.release(id).catch(() => {})
        await lock.release()
      }
    } finally {
      this.#leave(id)
    }
  }

  #enter(id: string, owner: string | undefined): void {
    const known = this.#inUse.get(id)
    this.#inUse.set(id, { count: (known?.count ?? 0) + 1, owner: known?.owner ?? owner })
  }

  #leave(id: string): void {
    const known = this.#inUse.get(id)
    if (known && --known.count === 0) this.#inUse.delete(id)
  }
}
