/** When a request that failed may be sent again. */

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
  if (!passing.includes(xhr.status) && xhr.status < 500) return undefined
  const wait = Math.max(planned, asked(xhr))
  return wait > longestWait ? undefined : wait
}

function asked(xhr: XMLHttpRequest): number {
  const said = xhr.getResponseHeader('retry-after') ?? ''
  if (/^\d+$/.test(said)) return Number(said) * 1000
  const date = Date.parse(said)
  return Number.isNaN(date) ? 0 : date - Date.now()
}
