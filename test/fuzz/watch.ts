/** Runs a round in a thread of its own and watches it: an input that never ends is reported, too. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Case, Failure, RoundResult } from './engine.ts'

/** Room for the input that is being run, in UTF-16 units. */
const room = 200_000

/** What both threads see: the input's number, its target, its seed, its length; then the input. */
export class Window {
  readonly buffer: SharedArrayBuffer
  readonly #head: Int32Array
  readonly #units: Uint16Array

  constructor(buffer = new SharedArrayBuffer(16 + room * 2)) {
    this.buffer = buffer
    this.#head = new Int32Array(buffer, 0, 4)
    this.#units = new Uint16Array(buffer, 16)
  }

  get count(): number {
    return Atomics.load(this.#head, 0)
  }

  write(target: number, { input, seed }: Case): void {
    const length = Math.min(input.length, room)
    for (let i = 0; i < length; i++) this.#units[i] = input.charCodeAt(i)
    this.#head[1] = target
    this.#head[2] = seed
    this.#head[3] = length
    Atomics.add(this.#head, 0, 1)
  }

  read(names: readonly string[]): Case {
    let input = ''
    for (let i = 0; i < (this.#head[3] as number); i++) input += String.fromCharCode(this.#units[i] as number)
    return { target: names[this.#head[1] as number] ?? '', input, seed: (this.#head[2] as number) >>> 0 }
  }
}

/** What the thread is told. */
export interface WorkerOrder {
  readonly buffer: SharedArrayBuffer
  /** Module that exports `targets`. */
  readonly module: string
  readonly inputs: number
  readonly seed: number
}

/** What the thread tells. */
export type WorkerReport =
  | { readonly names: readonly string[] }
  | { readonly done: number }
  | { readonly result: RoundResult }

export interface WatchOptions {
  readonly module?: string
  readonly inputs: number
  readonly seed: number
  /** An input that takes longer never ends. Shrinking takes up to 5 s. */
  readonly patienceMs?: number
  readonly progress?: (done: number) => void
}

const targetsModule = new URL('targets/index.ts', import.meta.url).href

/** A round in a thread. An input that never ends is its only failure, and is not shrunk. */
export async function watchRound(options: WatchOptions): Promise<Pick<RoundResult, 'failures'> & Partial<RoundResult>> {
  const { module = targetsModule, inputs, seed, patienceMs = 20_000 } = options
  const window = new Window()
  const order: WorkerOrder = { buffer: window.buffer, module, inputs, seed }
  const worker = new Worker(fileURLToPath(new URL('worker.ts', import.meta.url)), { workerData: order })
  let names: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      let last = -1
      timer = setInterval(() => {
        const { count } = window
        if (count === last && names.length > 0) resolve({ failures: [endless(window.read(names), patienceMs)] })
        last = count
      }, patienceMs)
      worker.on('message', (report: WorkerReport) => {
        if ('names' in report) names = report.names
        else if ('done' in report) options.progress?.(report.done)
        else resolve(report.result)
      })
      worker.on('error', reject)
      worker.on('exit', code => reject(new Error(`the thread ended with ${code}`)))
    })
  } finally {
    clearInterval(timer)
    worker.removeAllListeners('exit')
    await worker.terminate()
  }
}

function endless(one: Case, patienceMs: number): Failure {
  return {
    ...one,
    kind: 'slow',
    problem: `it has not ended after ${patienceMs / 1000} s`,
    shrunkFrom: one.input.length,
  }
}
