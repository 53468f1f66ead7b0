import { type Traveller, UnderWay } from '../../upload/under-way.ts'
import type { BridgeLimits } from './limits.ts'

/** How often a window is looked at. */
const looksPerWindow = 10

/** Whose body is watched. */
export interface Watched {
  /** The body came too slowly. */
  tooSlow(): void
}

/** One timer for all bodies with the same limits, be they ten thousand. It ends with the last of them. */
const watched = new Map<number, UnderWay<MinimumRate>>()

function watch(rate: MinimumRate, ms: number): UnderWay<MinimumRate> {
  const rates = watched.get(ms) ?? watching(ms)
  rates.add(rate)
  return rates
}

function watching(ms: number): UnderWay<MinimumRate> {
  const rates = new UnderWay<MinimumRate>()
  watched.set(ms, rates)
  const timer = setInterval(() => {
    for (const each of rates) each.look()
    if (rates.size > 0) return
    watched.delete(ms)
    clearInterval(timer)
  }, ms)
  timer.unref()
  return rates
}

/**
 * Watches that a body keeps coming. Only the time in which we were ready to read counts: a slow disk is not the
 * sender's fault, and Node's own `requestTimeout` cannot tell the two apart (nor slow from long).
 */
export class MinimumRate implements Traveller {
  readonly #limits: BridgeLimits
  readonly #watched: Watched
  #among: UnderWay<MinimumRate> | undefined
  place = -1
  #start = 0
  #bytes = 0
  #held = 0
  #heldSince: number | undefined

  constructor(limits: BridgeLimits, watched: Watched) {
    this.#limits = limits
    this.#watched = watched
  }

  start(): void {
    if (this.#limits.minBytesPerSecond <= 0) return
    this.#newWindow(wholeMs())
    this.#among = watch(this, this.#limits.rateWindowMs / looksPerWindow)
  }

  stop(): void {
    this.#among?.delete(this)
  }

  count(bytes: number): void {
    this.#bytes += bytes
  }

  /** We make the sender wait. */
  hold(): void {
    this.#heldSince ??= wholeMs()
  }

  /** We read again. */
  release(): void {
    if (this.#heldSince === undefined) return
    this.#held += wholeMs() - this.#heldSince
    this.#heldSince = undefined
  }

  /** Whether it has been fast enough; called by the timer. */
  look(): void {
    if (this.#heldSince !== undefined) return
    const now = wholeMs()
    const reading = now - this.#start - this.#held
    if (reading < this.#limits.rateWindowMs) return
    if (this.#bytes < (this.#limits.minBytesPerSecond * reading) / 1000) this.#watched.tooSlow()
    else this.#newWindow(now)
  }

  #newWindow(now: number): void {
    this.#start = now
    this.#bytes = 0
    this.#held = 0
  }
}

/** Whole numbers need no memory of their own. */
function wholeMs(): number {
  return Math.trunc(performance.now())
}
