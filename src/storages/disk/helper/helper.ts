/** A second thread for small files: their calls are made there while the event loop goes on with the next request. */
import { Worker } from 'node:worker_threads'
import { JobKind, JobQueue, maxJobBytes } from './queue.ts'

/** Jobs the thread may have before it: more would wait there while the event loop could do them as well. */
const enough = 8

/** So many times somebody has to ask for help before a thread is made: it takes some MiB and 30 ms. */
const worthAThread = 64

/** What became of a file that was to be written: its tag, or else its bytes, so that they can go the long way. */
export type Written = { readonly tag: string } | { readonly unwritten: Uint8Array }

/**
 * Takes calls that would otherwise be made on the event loop. Each method returns undefined where the helper has enough
 * to do: whoever asks does it alone then, so that both threads are always at work.
 *
 * Calls are made in the order in which they were asked for. None of the promises rejects.
 */
export interface Helper {
  /** @param spans are copied, 64 KiB at most. */
  write(path: string, mode: number, spans: readonly Uint8Array[], total: number): Promise<Written> | undefined
  /** Links; resolves to whether the name was free. */
  link(from: string, to: string): Promise<boolean> | undefined
  /** Resolves to whether there was something to delete. */
  unlink(path: string): Promise<boolean> | undefined
  /** Links, then unlinks the old name; resolves to whether the new name was free. */
  move(from: string, to: string): Promise<boolean> | undefined
}

/** The helper of this process: one thread, be there ever so many storages. */
export class ThreadHelper implements Helper {
  #asked = 0
  #queue: JobQueue | undefined
  #worker: Worker | undefined
  #state: 'none' | 'starting' | 'running' | 'gone' = 'none'
  #waiting = false
  /** By place in the ring: who wants to know. */
  readonly #callers: ((done: boolean) => void)[] = []

  write(path: string, mode: number, spans: readonly Uint8Array[], total: number): Promise<Written> | undefined {
    const queue = total > maxJobBytes ? undefined : this.#ready(enough)
    const place = queue?.post(JobKind.write, path, '', mode, spans)
    if (!queue || place === undefined) return undefined
    return new Promise(resolve => {
      this.#expect(place, done => {
        const tag = done ? queue.resultAt(place) : undefined
        resolve(tag === undefined ? { unwritten: queue.bytesAt(place) } : { tag })
      })
    })
  }

  link(from: string, to: string): Promise<boolean> | undefined {
    return this.#call(JobKind.link, from, to, enough)
  }

  unlink(path: string): Promise<boolean> | undefined {
    return this.#call(JobKind.unlink, path, '', enough)
  }

  move(from: string, to: string): Promise<boolean> | undefined {
    // What it has written it names as well: the way back to the event loop costs more.
    return this.#call(JobKind.move, from, to, Number.POSITIVE_INFINITY)
  }

  #call(kind: number, from: string, to: string, most: number): Promise<boolean> | undefined {
    const queue = this.#ready(most)
    const place = queue?.post(kind, from, to, 0, [])
    if (!queue || place === undefined) return undefined
    return new Promise(resolve => {
      this.#expect(place, done => resolve(done && queue.resultAt(place) !== undefined))
    })
  }

  /** The queue, where the thread runs and has less than `most` before it. */
  #ready(most: number): JobQueue | undefined {
    if (this.#state !== 'running') {
      this.#asked++
      if (this.#state === 'none' && this.#asked >= worthAThread) this.#start()
      return undefined
    }
    const queue = this.#queue as JobQueue
    this.#settle()
    return queue.undone < most ? queue : undefined
  }

  #expect(place: number, settle: (done: boolean) => void): void {
    this.#callers[place] = settle
    if (this.#waiting) return
    this.#worker?.ref()
    this.#wait()
  }

  #wait(): void {
    const queue = this.#queue as JobQueue
    this.#waiting = queue.untaken > 0
    if (!this.#waiting) this.#worker?.unref()
    else if (!queue.whenDone(this.#onDone)) setImmediate(this.#onDone)
  }

  readonly #onDone = (): void => {
    this.#settle()
    this.#wait()
  }

  #settle(): void {
    const queue = this.#queue as JobQueue
    for (let place = queue.takeDone(); place !== undefined; place = queue.takeDone()) this.#callers[place]?.(true)
  }

  #start(): void {
    this.#state = 'starting'
    try {
      const queue = (this.#queue = new JobQueue())
      const worker = (this.#worker = openThread(queue.memory))
      worker.unref()
      worker.on('online', () => (this.#state = 'running'))
      worker.on('error', () => this.#end())
      worker.on('exit', () => this.#end())
    } catch {
      // No threads are allowed here, or no waiting for them.
      this.#state = 'gone'
    }
  }

  /** It died, or could not be started, as in a program bundled without its file. What it had before it goes the long way. */
  #end(): void {
    this.#state = 'gone'
    const queue = this.#queue as JobQueue
    this.#settle()
    for (let place = queue.takeAny(); place !== undefined; place = queue.takeAny()) this.#callers[place]?.(false)
  }
}

function openThread(memory: SharedArrayBuffer): Worker {
  if (typeof Atomics.waitAsync !== 'function') throw new Error('This runtime cannot wait for a thread.')
  // The program lies beside this file, with the same ending: `.js`, or `.ts` where Node reads that.
  const program = new URL(`thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)
  return new Worker(program, { name: 'dropgate helper', workerData: memory, execArgv: [] })
}

/** The one that storages share. */
export const helper: Helper = new ThreadHelper()
