/** When a request that failed may be sent again. */

/** Milliseconds before each further attempt; they begin anew once bytes have got through. */
const delays = [0, 1_000, 3_000, 5_000, 10_000, 20_000]

/** Milliseconds. A server that wants to be left alone for longer is not waited for. */
const longestWait = 10 * 60_000

/** Statuses that say nothing against the upload. 0 is no answer at all. */
const passing = [0, 408, 409, 423, 425, 429]

/**
 * Milliseconds until a failed request may be sent again: those that are planned, or more when the server's `Retry-After`
 * says so (RFC 9110, section 10.2.3).
 *
 * @returns undefined for an answer that would be the same again, or that asks for more than 10 minutes
 */
export function waitAfter(xhr: XMLHttpRequest, planned: number): number | undefined {
  if (!isPassing(xhr.status)) return undefined
  const wait = Math.max(planned, asked(xhr))
  return wait > longestWait ? undefined : wait
}

/** Whether the same request may be answered well another time. */
export function isPassing(status: number): boolean {
  return passing.includes(status) || status >= 500
}

/** Counts a file's failures in a row. */
export class Backoff {
  #failures = 0

  /**
   * A failed request may be worth one more attempt.
   *
   * @returns milliseconds until then; undefined when it is not
   */
  next(xhr: XMLHttpRequest): number | undefined {
    const planned = delays[this.#failures]
    const wait = planned === undefined ? undefined : waitAfter(xhr, planned)
    if (planned === undefined || wait === undefined) return undefined
    this.#failures++
    // Not all visitors of a server that is back come in the same moment.
    return wait + Math.random() * Math.max(250, planned / 4)
  }

  reset(): void {
    this.#failures = 0
  }
}

function asked(xhr: XMLHttpRequest): number {
  const said = xhr.getResponseHeader('retry-after') ?? ''
  if (/^\d+$/.test(said)) return Number(said) * 1000
  const date = Date.parse(said)
  return Number.isNaN(date) ? 0 : date - Date.now()
}
