/** Offsets made durable in the middle of a long request, while its bytes go on coming. */
import type { ResumableRecord } from './resumable-record.ts'
import { type AppendBytes, moveOffset, type ResumableSettings } from './resumable-settings.ts'

/**
 * Bytes from one milestone to the next. A power cut costs at most twice as much, and a batch: nothing is written beyond
 * the next one before the last one is durable.
 */
const distance = 8 * 1024 * 1024

interface Work {
  readonly settings: ResumableSettings
  readonly record: ResumableRecord
  readonly bytes: Pick<AppendBytes, 'onProgress'>
}

/** The milestones of one request: at most one save at a time, beside the writes. */
export class Milestones {
  readonly #at: Work
  #saving: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(at: Work) {
    this.#at = at
  }

  /**
   * Says that all bytes before `end` are with the storage.
   * @returns when the next bytes may be written
   */
  async reached(end: number): Promise<void> {
    if (end - this.#at.record.offset < distance) return
    await this.settle()
    this.#saving = this.#save(end)
  }

  /** Waits for a write. Where that and the save failed, it is the save that tells the reason. */
  async beside(write: Promise<void>): Promise<void> {
    try {
      await write
    } catch (error) {
      await this.settle()
      throw error
    }
    if (this.#failure) throw this.#failure.error
  }

  /** Waits for the save in flight; rejects if one failed. To be called before anything else is done to the upload. */
  async settle(): Promise<void> {
    await this.#saving
    if (this.#failure) throw this.#failure.error
  }

  async #save(end: number): Promise<void> {
    const { settings, record, bytes } = this.#at
    try {
      await moveOffset(settings, record, end)
      bytes.onProgress?.(end)
    } catch (error) {
      this.#failure = { error }
    }
  }
}
