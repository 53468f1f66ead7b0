/** `GET <path>/csrf`: a fresh token for pages that have been open for long, and for single-page apps. */
import { CsrfError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import type { CsrfGuard } from './csrf.ts'
import { expirySeconds } from './pages.ts'

/**
 * Answers `{"csrfToken": "…", "expiresIn": 3600}` (seconds, or null). Whoever sends the old token along keeps what it
 * carried: a page that was stricter than the server stays so.
 *
 * @throws CsrfError `cross-site` for other sites, and when the app has no session for the request
 */
export function answerCsrf(request: IncomingRequest, guard: CsrfGuard): Answer {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin' && site !== 'none') throw new CsrfError('cross-site')
  const session = guard.session(request)
  const csrfToken = guard.issue(session, guard.payloadOf(guard.headerToken(request)))
  const headers = {
    ...Object.fromEntries(session.headers),
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Vary: 'Cookie, Sec-Fetch-Site',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  }
  return { status: 200, headers, body: JSON.stringify({ csrfToken, expiresIn: expirySeconds(guard) }) }
}
