/**
 * A rate as one number per visitor: the time at which all that came so far would have come, had it come evenly (the
 * generic cell rate algorithm, ITU-T I.371). A whole minute's worth may come at once; after that, evenly.
 */

const minute = 60_000

/** Whether one more may come. */
export type RateVerdict =
  /** `next`: the number to be kept for this visitor. */
  | { readonly admitted: true; readonly next: number }
  /** `waitMs`: milliseconds until one more may come. */
  | { readonly admitted: false; readonly waitMs: number }

/**
 * Judges one more request.
 *
 * @param kept the visitor's number, undefined for a new one
 * @param now milliseconds of any clock that does not jump
 * @param perMinute how many may come in a minute, above 0
 * @example judgeRate(undefined, 0, 60) // { admitted: true, next: 1000 }
 */
export function judgeRate(kept: number | undefined, now: number, perMinute: number): RateVerdict {
  const period = minute / perMinute
  const due = Math.max(kept ?? now, now)
  const waitMs = due + period - now - minute
  // A sum of fractions is never exactly a minute.
  return waitMs > 0.001 ? { admitted: false, waitMs } : { admitted: true, next: due + period }
}
