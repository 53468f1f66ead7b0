/** How much one visitor may ask of the server at a time. */
import { UploadError } from '../../sansio/errors.ts'
import { judgeRate } from '../../sansio/limits/rate.ts'

/** So many visitors are remembered before those whose minute is over are forgotten. */
const forgetFrom = 1_024

/** Seconds after which somebody with too many uploads under way may try again. */
const retryParallel = 2

/** The limits of {@link Limiter}; `Infinity` is none. */
export interface Rates {
  /** Requests with bytes, a minute and visitor. */
  readonly requestsPerMinute: number
  /** Requests with bytes under way at once, a visitor. */
  readonly parallel: number
}

/** Counts the requests of each visitor. */
export class Limiter {
  readonly #rates: Rates
  readonly #now: () => number
  readonly #due = new Map<string, number>()
  readonly #running = new Map<string, number>()

  /** @param now milliseconds of a clock that does not jump */
  constructor(rates: Rates, now: () => number) {
    this.#rates = rates
    this.#now = now
  }

  /**
   * Begins a request.
   * @returns ends it; idempotent
   * @throws UploadError `too-many-uploads` with `Retry-After`
   */
  enter(visitor: string): () => void {
    const running = this.#running.get(visitor) ?? 0
    if (running >= this.#rates.parallel) throw tooMany(retryParallel)
    this.#count(visitor)
    this.#running.set(visitor, running + 1)
    let left = false
    return () => {
      if (left) return
      left = true
      const still = (this.#running.get(visitor) ?? 1) - 1
      if (still > 0) this.#running.set(visitor, still)
      else this.#running.delete(visitor)
    }
  }

  #count(visitor: string): void {
    const { requestsPerMinute } = this.#rates
    if (requestsPerMinute === Number.POSITIVE_INFINITY) return
    const now = this.#now()
    const verdict = judgeRate(this.#due.get(visitor), now, requestsPerMinute)
    if (!verdict.admitted) throw tooMany(Math.ceil(verdict.waitMs / 1000))
    if (this.#due.size >= forgetFrom) this.#forget(now)
    this.#due.set(visitor, verdict.next)
  }

  /** Whoever is due in the past is as good as new. */
  #forget(now: number): void {
    for (const [visitor, due] of this.#due) if (due <= now) this.#due.delete(visitor)
  }
}

function tooMany(seconds: number): UploadError {
  const sentence = `Too many uploads. Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`
  return new UploadError('too-many-uploads', sentence, { headers: { 'Retry-After': String(seconds) } })
}
