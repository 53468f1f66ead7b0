/** How long an upload is kept, by clocks of which one may jump. See decisions/0014. */
import type { Clock } from './ports.ts'
import type { ResumableRecord, Touch } from './resumable-record.ts'

/** Milliseconds the record of a finished upload is kept, so that a repeated last request gets the same answer. */
const answerKept = 24 * 60 * 60 * 1000

/** Milliseconds by which two honest clocks may drift apart. More is a jump. */
const drift = 60_000

/**
 * `live`: it has been used lately. `doubtful`: only the wall clock says that it has expired, so it gets a notice and as
 * long again. `gone`: it may be removed.
 */
export type Verdict = 'live' | 'doubtful' | 'gone'

/** What is needed of a record. */
type Kept = Pick<ResumableRecord, 'state' | 'touched' | 'gone'>

/**
 * Judges by the steady clock what this process has seen itself, and by the wall clock only what a process before it
 * left behind; that, on one word of the wall clock alone, nothing is removed.
 */
export class Expiry {
  readonly #clock: Clock
  readonly #process: string
  readonly #span: number

  /**
   * @param process a name nobody else has: the steady clock of another process counts from another moment
   * @param span milliseconds an unfinished upload may rest
   */
  constructor(clock: Clock, process: string, span: number) {
    this.#clock = clock
    this.#process = process
    this.#span = span
  }

  /** The mark of an upload that is being used. */
  touch(): Touch {
    return { by: this.#process, steady: this.#steady(), wall: this.#clock.now() }
  }

  /** The mark of one that seems to have expired: unless it is used, it goes when it has rested as long again. */
  notice(): Touch {
    return { ...this.touch(), notice: true }
  }

  /** What the sweep may do with an upload. */
  judge(record: Kept): Verdict {
    const { touched, gone } = record
    if (gone) return 'gone'
    const span = this.#spanOf(record)
    if (this.#isOwn(touched)) return this.#steady() - touched.steady >= span ? 'gone' : 'live'
    const idle = this.#clock.now() - touched.wall
    if (idle >= 0 && idle < span) return 'live'
    return touched.notice && idle >= span ? 'gone' : 'doubtful'
  }

  /** Milliseconds since 1970 at which the upload is given up if it is not used: what clients are told. */
  ends(record: Kept): number {
    const { touched } = record
    const span = this.#spanOf(record)
    const now = this.#clock.now()
    const idle = now - touched.wall
    if (!this.#isOwn(touched)) return idle >= 0 && idle < span ? touched.wall + span : now + span
    const steadyIdle = this.#steady() - touched.steady
    // Without a jump the same moment is told each time.
    return Math.abs(idle - steadyIdle) < drift ? touched.wall + span : Math.round(now + span - steadyIdle)
  }

  #isOwn({ by }: Touch): boolean {
    return by === this.#process
  }

  #spanOf({ state }: Kept): number {
    return state === 'complete' ? answerKept : this.#span
  }

  #steady(): number {
    return this.#clock.steady?.() ?? this.#clock.now()
  }
}
