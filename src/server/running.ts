import { UploadError } from '../sansio/errors.ts'
import { Cut } from '../upload/cut.ts'
import { type Traveller, UnderWay } from '../upload/under-way.ts'

/** An upload that runs. */
class Task extends Cut implements Traveller {
  place = -1
  /** Nothing is lost when it is cut. */
  readonly resumable: boolean

  constructor(resumable: boolean) {
    super()
    this.resumable = resumable
  }
}

/** The uploads that run right now, so that a server can end without cutting them. */
export class Running {
  readonly #tasks = new UnderWay<Task>()
  #closing: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  /** @throws UploadError `shutting-down` once {@link close} was called */
  checkOpen(): void {
    if (this.#closing) throw shuttingDown()
  }

  /**
   * Runs a task, which is cut when the grace of {@link close} is over. What the task throws at once rejects as well.
   * @throws UploadError `shutting-down` once {@link close} was called
   */
  track<T>(task: (cut: Cut) => Promise<T>): Promise<T> {
    return this.#until(new Task(false), cut => {
      this.checkOpen()
      return task(cut)
    })
  }

  /** Runs an upload that another process can go on with: {@link close} cuts it at once, its offset is kept. */
  trackResumable<T>(task: (cut: Cut) => Promise<T>): Promise<T> {
    return this.#until(new Task(true), task)
  }

  /**
   * Takes nothing new, cuts what can be continued elsewhere, waits for the rest at most `graceMs`, then cuts it too.
   * Called again, it is the same end.
   */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  /** Counts a task as running until it is done; it is no longer counted when its caller hears of it. */
  #until<T>(task: Task, run: (cut: Cut) => Promise<T>): Promise<T> {
    this.#tasks.add(task)
    const running = attempt(() => run(task))
    const ended = () => {
      this.#tasks.delete(task)
      if (this.#tasks.size === 0) this.#onIdle?.()
    }
    running.then(ended, ended)
    return running
  }

  async #close(graceMs: number): Promise<void> {
    for (const task of this.#tasks) if (task.resumable) task.make(shuttingDown())
    if (this.#tasks.size === 0) return
    const idle = new Promise<'idle'>(resolve => {
      this.#onIdle = () => resolve('idle')
    })
    if ((await Promise.race([idle, after(graceMs)])) === 'idle') return
    for (const task of this.#tasks) task.make(shuttingDown())
    await Promise.race([idle, after(clearingMs)])
  }
}

/** Runs a task; what it throws at once becomes a rejection. */
function attempt<T>(task: () => Promise<T>): Promise<T> {
  try {
    return task()
  } catch (error) {
    return Promise.reject(error)
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
