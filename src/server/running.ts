import { UploadError } from '../sansio/errors.ts'

/**
 * Ends one task before its time. Node's `AbortSignal` does the same, but making one costs a small upload as much as
 * storing its file does.
 */
export class Cut {
  #made: { readonly reason: unknown } | undefined
  #reject: ((reason: unknown) => void) | undefined

  /** What is waited for from now on is refused with the reason. */
  make(reason: unknown): void {
    this.#made ??= { reason }
    this.#reject?.(reason)
  }

  /** What a promise resolves to, unless the cut comes first; what was begun goes on unheard, and must stop by itself. */
  before<T>(reading: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      reading.then(resolve, reject)
      if (this.#made) reject(this.#made.reason)
    })
  }
}

/** The uploads that run right now, so that a server can end without cutting them. */
export class Running {
  /** Each with what ends it. */
  readonly #tasks = new Set<(reason: UploadError) => void>()
  /** Of the tasks those that lose nothing when they are cut. */
  readonly #resumable = new Set<(reason: UploadError) => void>()
  #closing: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  /** @throws UploadError `shutting-down` once {@link close} was called */
  checkOpen(): void {
    if (this.#closing) throw shuttingDown()
  }

  /**
   * Runs a task, which is cut when the grace of {@link close} is over.
   * @throws UploadError `shutting-down` once {@link close} was called
   */
  async track<T>(task: (cut: Cut) => Promise<T>): Promise<T> {
    this.checkOpen()
    const cut = new Cut()
    const end = (reason: UploadError) => cut.make(reason)
    this.#tasks.add(end)
    try {
      return await task(cut)
    } finally {
      this.#ended(end)
    }
  }

  /** Runs an upload that another process can go on with: {@link close} cuts it at once, its offset is kept. */
  async trackResumable<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const end = (reason: UploadError) => controller.abort(reason)
    this.#tasks.add(end)
    this.#resumable.add(end)
    try {
      return await task(controller.signal)
    } finally {
      this.#resumable.delete(end)
      this.#ended(end)
    }
  }

  /**
   * Takes nothing new, cuts what can be continued elsewhere, waits for the rest at most `graceMs`, then cuts it too.
   * Called again, it is the same end.
   */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  #ended(end: (reason: UploadError) => void): void {
    this.#tasks.delete(end)
    if (this.#tasks.size === 0) this.#onIdle?.()
  }

  async #close(graceMs: number): Promise<void> {
    for (const end of this.#resumable) end(shuttingDown())
    if (this.#tasks.size === 0) return
    const idle = new Promise<'idle'>(resolve => {
      this.#onIdle = () => resolve('idle')
    })
    if ((await Promise.race([idle, after(graceMs)])) === 'idle') return
    for (const end of this.#tasks) end(shuttingDown())
    await Promise.race([idle, after(clearingMs)])
  }
}

/** What a cut upload gets to remove its traces. */
const clearingMs = 1_000

function after(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}

function shuttingDown(): UploadError {
  return new UploadError('shutting-down', undefined, { headers: { 'Retry-After': '2' } })
}
