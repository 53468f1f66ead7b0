/**
 * The memory that the event loop and the helper thread share: a ring of jobs. One side posts, the other one does them in
 * order, so there is nothing to lock; a job's place is its own until its result was taken.
 */

/** Jobs that the ring holds. */
export const places = 16

/** Bytes of the file that a job can carry. */
export const maxJobBytes = 64 * 1024

/** Bytes of UTF-8 of each of a job's two paths. */
const maxPathBytes = 2048

/** What is to be done: a {@link InlineCalls} by its number. */
export const JobKind = { write: 0, link: 1, unlink: 2, move: 3 } as const

/** Words that both sides look at. */
const word = { posted: 0, done: 1, asleep: 2, wanted: 3, wake: 4, count: 16 } as const
/** Words of each job. */
const jobWord = { kind: 0, mode: 1, from: 2, to: 3, size: 4, result: 5, count: 8 } as const
/** Instead of the length of a result. */
const failed = -1

const wordBytes = Int32Array.BYTES_PER_ELEMENT
const jobsAt = word.count
const textAt = (word.count + places * jobWord.count) * wordBytes
const textBytes = 2 * maxPathBytes
const bytesAt = textAt + places * textBytes

/** A job as the thread sees it. */
export interface Job {
  readonly kind: number
  readonly mode: number
  readonly from: string
  readonly to: string
  /** In the shared memory. */
  readonly bytes: Uint8Array
}

/** The ring. Both sides make one on the same memory. */
export class JobQueue {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #texts: readonly Buffer[]
  readonly #bytes: readonly Uint8Array[]
  /** Jobs posted, and jobs whose result was taken; known to the event loop's side only. */
  #posted = 0
  #taken = 0

  constructor(memory = new SharedArrayBuffer(bytesAt + places * maxJobBytes)) {
    this.memory = memory
    this.#words = new Int32Array(memory, 0, textAt / wordBytes)
    const each = Array.from({ length: places }, (_, place) => place)
    this.#texts = each.map(place => Buffer.from(memory, textAt + place * textBytes, textBytes))
    this.#bytes = each.map(place => new Uint8Array(memory, bytesAt + place * maxJobBytes, maxJobBytes))
  }

  /** Jobs that the thread has not done yet. */
  get undone(): number {
    return (this.#posted - Atomics.load(this.#words, word.done)) | 0
  }

  /** Jobs whose result was not taken yet. */
  get untaken(): number {
    return (this.#posted - this.#taken) | 0
  }

  /**
   * Posts a job.
   * @param spans are copied
   * @returns its place; undefined where none is free or a path is too long
   */
  post(kind: number, from: string, to: string, mode: number, spans: readonly Uint8Array[]): number | undefined {
    if (this.untaken === places || from.length * 3 > maxPathBytes || to.length * 3 > maxPathBytes) return undefined
    const place = placeOf(this.#posted)
    const text = this.#texts[place] as Buffer
    const bytes = this.#bytes[place] as Uint8Array
    let size = 0
    for (const span of spans) {
      bytes.set(span, size)
      size += span.byteLength
    }
    const at = jobsAt + place * jobWord.count
    this.#words[at + jobWord.kind] = kind
    this.#words[at + jobWord.mode] = mode
    this.#words[at + jobWord.from] = text.write(from, 0)
    this.#words[at + jobWord.to] = to === '' ? 0 : text.write(to, maxPathBytes)
    this.#words[at + jobWord.size] = size
    this.#posted = (this.#posted + 1) | 0
    Atomics.store(this.#words, word.posted, this.#posted)
    if (Atomics.load(this.#words, word.asleep) === 1) Atomics.notify(this.#words, word.posted)
    return place
  }

  /** Takes the oldest job that is done; undefined where there is none. What is at its place stays until the next post. */
  takeDone(): number | undefined {
    return this.#isDone ? this.takeAny() : undefined
  }

  /** Takes the oldest job, done or not; undefined where there is none. */
  takeAny(): number | undefined {
    if (this.untaken === 0) return undefined
    const place = placeOf(this.#taken)
    this.#taken = (this.#taken + 1) | 0
    return place
  }

  get #isDone(): boolean {
    return this.#taken !== Atomics.load(this.#words, word.done)
  }

  /** The result of a job that is done; undefined where it failed. */
  resultAt(place: number): string | undefined {
    const length = this.#words[jobsAt + place * jobWord.count + jobWord.result] as number
    return length === failed ? undefined : (this.#texts[place] as Buffer).toString('latin1', 0, length)
  }

  /** A copy of the bytes that a job was to write. */
  bytesAt(place: number): Uint8Array {
    const size = this.#words[jobsAt + place * jobWord.count + jobWord.size] as number
    return Uint8Array.from((this.#bytes[place] as Uint8Array).subarray(0, size))
  }

  /**
   * Calls back once the thread has done something that was not done before.
   * @returns whether it will; false: something is done already
   */
  whenDone(then: () => void): boolean {
    const before = Atomics.load(this.#words, word.wake)
    Atomics.store(this.#words, word.wanted, 1)
    // The thread looks at `wanted` after each job, so one of us sees what the other one has just done.
    if (this.#isDone) return false
    const waiting = Atomics.waitAsync(this.#words, word.wake, before)
    if (!waiting.async) return false
    void waiting.value.then(then)
    return true
  }

  /** The thread's side: sleeps until there is a job, and does it. */
  doNext(perform: (job: Job) => string): void {
    const done = Atomics.load(this.#words, word.done)
    while (Atomics.load(this.#words, word.posted) === done) this.#sleep(done)
    const place = placeOf(done)
    const at = jobsAt + place * jobWord.count
    const text = this.#texts[place] as Buffer
    let result: number = failed
    try {
      result = text.write(perform(this.#jobAt(place)), 0, 'latin1')
    } catch {
      // The other side goes the long way, which finds the words.
    }
    this.#words[at + jobWord.result] = result
    Atomics.store(this.#words, word.done, (done + 1) | 0)
    this.#tell((done + 1) | 0)
  }

  #sleep(done: number): void {
    Atomics.store(this.#words, word.asleep, 1)
    Atomics.wait(this.#words, word.posted, done)
    Atomics.store(this.#words, word.asleep, 0)
  }

  /** Wakes the other side when all is done, or every few jobs: each time costs it as much as a call of the system. */
  #tell(done: number): void {
    const few = 4
    if (done % few !== 0 && Atomics.load(this.#words, word.posted) !== done) return
    if (Atomics.exchange(this.#words, word.wanted, 0) === 0) return
    Atomics.add(this.#words, word.wake, 1)
    Atomics.notify(this.#words, word.wake)
  }

  #jobAt(place: number): Job {
    const wordOf = (which: number) => this.#words[jobsAt + place * jobWord.count + which] as number
    const text = this.#texts[place] as Buffer
    return {
      kind: wordOf(jobWord.kind),
      mode: wordOf(jobWord.mode),
      from: text.toString('utf8', 0, wordOf(jobWord.from)),
      to: text.toString('utf8', maxPathBytes, maxPathBytes + wordOf(jobWord.to)),
      bytes: (this.#bytes[place] as Uint8Array).subarray(0, wordOf(jobWord.size)),
    }
  }
}

/** Numbers of jobs wrap around at 2^32. */
function placeOf(job: number): number {
  return (job >>> 0) % places
}
