/** The data files of resumable uploads that are held open between two calls. */
import type { FileHandle } from 'node:fs/promises'
import type { RecordFile } from './record.ts'

/** Beyond so many, the one that was idle the longest is closed. */
export const maxOpenFiles = 256

/** What is known about an open file. */
export interface OpenFile {
  /** Whether all that was written is on stable storage, as far as we know. */
  synced: boolean
  /** Whether we have seen that no visible name shows the same bytes. */
  hidden: boolean
  /** The record file beside it, as we last wrote it. Whoever holds a file open holds the lock of its upload. */
  record?: RecordFile | undefined
}

interface Held extends OpenFile {
  readonly handle: Promise<FileHandle>
  /** What is running on it. */
  readonly users: Set<Promise<unknown>>
}

/** Handles by id, the least recently used first. */
export class OpenFiles {
  readonly #files = new Map<string, Held>()
  readonly #onClose: () => Promise<void>
  readonly #limit: number

  /** @param onClose called once for each file that had been opened */
  constructor(onClose: () => Promise<void>, limit: number = maxOpenFiles) {
    this.#onClose = onClose
    this.#limit = limit
  }

  get size(): number {
    return this.#files.size
  }

  /** What is known about the file of an id, if it is open. */
  find(id: string): OpenFile | undefined {
    return this.#files.get(id)
  }

  /**
   * Runs an operation on the file of an id, which stays open afterwards.
   *
   * @param open opens it if it is not open
   */
  async use<T>(
    id: string,
    open: () => Promise<FileHandle>,
    operation: (handle: FileHandle, file: OpenFile) => Promise<T>,
  ): Promise<T> {
    const held = this.#files.get(id) ?? { handle: open(), users: new Set(), synced: false, hidden: false }
    // Last in the order of the map: the most recently used.
    this.#files.delete(id)
    this.#files.set(id, held)
    const running = held.handle.then(handle => operation(handle, held))
    held.users.add(running)
    // One that never opened is forgotten, so that the next call tries again.
    held.handle.catch(() => this.#files.get(id) === held && this.#files.delete(id))
    try {
      return await running
    } finally {
      held.users.delete(running)
      await this.#closeIdle()
    }
  }

  /** Closes the file of an id after what runs on it. */
  async close(id: string): Promise<void> {
    const held = this.#files.get(id)
    if (!held) return
    this.#files.delete(id)
    await Promise.allSettled(held.users)
    const handle = await held.handle.catch(() => undefined)
    if (!handle) return
    // Nothing is lost when this fails: what counts was written out by a save.
    await handle.close().catch(() => {})
    await this.#onClose()
  }

  async #closeIdle(): Promise<void> {
    if (this.#files.size <= this.#limit) return
    for (const [id, { users }] of this.#files) if (users.size === 0) return this.close(id)
  }
}
