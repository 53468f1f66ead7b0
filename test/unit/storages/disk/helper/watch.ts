/**
 * Threads under watch: each file of tests has `node:worker_threads` mocked with {@link watched}. Imports
 * nothing of ours, which would want that module while it is being made.
 */
import type { Worker, WorkerOptions } from 'node:worker_threads'

/** Every thread that was made, and what they run instead of our program. */
export const threads = { made: [] as Worker[], program: undefined as string | undefined }

type Threads = typeof import('node:worker_threads')

export async function watched(original: () => Promise<unknown>): Promise<Threads> {
  const real = (await original()) as Threads
  class WatchedWorker extends real.Worker {
    constructor(program: string | URL, options?: WorkerOptions) {
      super(threads.program === undefined ? program : new URL(threads.program), options)
      threads.made.push(this)
    }
  }
  return { ...real, Worker: WatchedWorker }
}

/** Ends them all: for `afterEach`. */
export async function endThreads(): Promise<void> {
  threads.program = undefined
  await Promise.all(threads.made.splice(0).map(thread => thread.terminate()))
}
