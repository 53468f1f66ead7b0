/** The protection for a whole app: ordinary forms and JSON routes as well as uploads. */

import { OptionError } from '../sansio/option-error.ts'
import type { Clock } from '../upload/ports.ts'
import type { IncomingRequest } from '../upload/request.ts'
import { toResponse } from './answer.ts'
import { CsrfGuard, type Header } from './csrf.ts'
import { answerCsrf } from './csrf-endpoint.ts'
import { type CsrfOptions, defineCsrf } from './csrf-options.ts'
import { defaults } from './options.ts'

/** A token for one visitor. */
export interface CsrfToken {
  readonly token: string
  /** Headers that must go out with the answer that holds the token. */
  readonly headers: readonly Header[]
}

/** The protection of a whole app, independent of any framework. */
export interface Csrf {
  /** The headers that may carry the token; the first one is the usual one. */
  readonly headers: readonly string[]
  /** Whether requests of this method are checked. */
  isChecked(method: string): boolean
  /** Whether the request has a token in a header, so that its body need not be looked at. */
  hasHeaderToken(request: IncomingRequest): boolean
  /**
   * The first line: the browser's own word.
   * @throws CsrfError `cross-site`, and for the referrer where the app is strict
   */
  checkSite(request: IncomingRequest): void
  /**
   * The second line: the token, from a field or else a header, as in Flask-WTF. The first one that is there decides.
   * @param fields of the request's form, if it has one
   * @throws CsrfError
   */
  checkToken(request: IncomingRequest, fields?: Iterable<readonly [name: string, value: unknown]>): void
  /** A token for a form or a script of the page that answers this request. */
  issue(request: IncomingRequest): CsrfToken
  /** Answers a GET with `{"csrfToken": "…", "expiresIn": 3600}`, for single-page apps. */
  endpoint(request: IncomingRequest): Response
}

/** Options of {@link csrf}: those of `dropgate({ csrf })`, which must get the same, and the world around. */
export interface AppCsrfOptions extends CsrfOptions {
  readonly clock?: Clock
  readonly log?: (line: string) => void
}

/**
 * Protects a whole app against cross-site request forgery, with the contract of Flask-WTF's `CSRFProtect`.
 *
 * @throws OptionError when there is no secret, or an option is wrong
 * @example
 * const protection = csrf({ secret: process.env.SECRET_KEY })
 * app.use(csrfProtect(protection))                        // from dropgate/express
 */
export function csrf(options: AppCsrfOptions): Csrf {
  const { clock = defaults.clock, log = defaults.log, ...rest } = options ?? {}
  const settings = defineCsrf(rest)
  if (typeof (clock as Partial<Clock> | null)?.now !== 'function') {
    throw new OptionError('csrf.clock', clock, 'an object with now(), ms since 1970')
  }
  if (typeof log !== 'function') throw new OptionError('csrf.log', log, 'a function')
  if (settings.secrets.length === 0) {
    throw new OptionError('csrf.secret', undefined, 'set: a secret key is required to use CSRF')
  }
  const guard = new CsrfGuard(settings, clock, log)
  return {
    headers: settings.headers,
    isChecked: method => guard.isChecked(method),
    hasHeaderToken: request => guard.headerToken(request) !== undefined,
    checkSite: request => guard.checkSite(request),
    checkToken: (request, fields = []) => {
      guard.checkToken(request, guard.fieldToken(fields) ?? guard.headerToken(request))
    },
    issue: request => {
      const session = guard.session(request)
      return {
        token: guard.issue(session),
        headers: [...session.headers, ['Vary', 'Cookie'], ['Cache-Control', 'no-store']],
      }
    },
    endpoint: request => toResponse(answerCsrf(request, guard)),
  }
}
