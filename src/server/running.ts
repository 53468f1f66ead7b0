import { UploadError } from '../sansio/errors.ts'

/** The uploads that run right now, so that a server can end without cutting them. */
export class Running {
  readonly #tasks = new Set<AbortController>()
  /** Of the tasks those that lose nothing when they are cut. */
  readonly #resumable = new Set<AbortController>()
  #closing: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  /** @throws UploadError `shutting-down` once {@link close} was called */
  checkOpen(): void {
    if (this.#closing) throw shuttingDown()
  }

  /** Runs a task; its signal aborts when the grace of {@link close} is over. */
  track<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#run(new AbortController(), task)
  }

  /** The same for an upload that another process can go on with: {@link close} cuts it at once, its offset is kept. */
  trackResumable<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    this.#resumable.add(controller)
    return this.#run(controller, task).finally(() => this.#resumable.delete(controller))
  }

  /**
   * Takes nothing new, cuts what can be continued elsewhere, waits for the rest at most `graceMs`, then cuts it too.
   * Called again, it is the same end.
   */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #run<T>(controller: AbortController, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#tasks.add(controller)
    try {
      return await task(controller.signal)
    } finally {
      this.#tasks.delete(controller)
      if (this.#tasks.size === 0) this.#onIdle?.()
    }
  }

  async #close(graceMs: number): Promise<void> {
    for (const task of this.#resumable) task.abort(shuttingDown())
    if (this.#tasks.size === 0) return
    const idle = new Promise<'idle'>(resolve => {
      this.#onIdle = () => resolve('idle')
    })
    if ((await Promise.race([idle, after(graceMs)])) === 'idle') return
    for (const task of this.#tasks) task.abort(shuttingDown())
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
