import { UploadError } from '../sansio/errors.ts'

/** The uploads that run right now, so that a server can end without cutting them. */
export class Running {
  readonly #tasks = new Set<AbortController>()
  #closing = false
  #onIdle: (() => void) | undefined

  /** @throws UploadError `shutting-down` once {@link close} was called */
  checkOpen(): void {
    if (this.#closing) throw shuttingDown()
  }

  /** Runs a task; its signal aborts when the grace of {@link close} is over. */
  async track<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    this.#tasks.add(controller)
    try {
      return await task(controller.signal)
    } finally {
      this.#tasks.delete(controller)
      if (this.#tasks.size === 0) this.#onIdle?.()
    }
  }

  /** Takes nothing new, waits for what runs at most `graceMs`, then cuts it. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true
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
