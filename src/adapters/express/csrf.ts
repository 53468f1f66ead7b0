/** The app-wide protection as Express middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CsrfError, isUploadError } from '../../sansio/errors.ts'
import { knownOptions } from '../../sansio/policy/option-keys.ts'
import type { Csrf } from '../../server/csrf-app.ts'
import { unsaferMethod } from '../../server/method-override.ts'
import { checkProtectOptions, isListed, type ProtectOptions, protectOptionNames } from '../../server/protect.ts'
import { renderError } from '../../server/render.ts'
import type { IncomingRequest } from '../../upload/request.ts'
import { openExchange } from '../node-bridge/bridge.ts'
import { isOurs, type NextFunction } from '../node-bridge/handlers.ts'
import { type BridgeLimits, type BridgeOptions, bridgeLimits, bridgeOptionNames } from '../node-bridge/limits.ts'
import { hasDotSegment, rawTarget, requestHead } from '../node-bridge/request.ts'
import type { ExpressRequest, ExpressResponse } from './types.ts'
import { parseUrlencoded } from './urlencoded.ts'

/** What we need of Express's request beside Node's. */
export interface CsrfRequest extends IncomingMessage {
  body?: unknown
  /** The method before the package method-override changed it. */
  originalMethod?: unknown
}

/** What we need of Express's response beside Node's. */
export interface CsrfResponse extends ServerResponse {
  locals: object
}

/** Options of {@link csrfProtect}: these, and those of `expressUploads` for the forms that are read here. */
export interface CsrfProtectOptions extends ProtectOptions, BridgeOptions {
  /**
   * Answers a refusal, `cross-site` included; its sentence as plain text when omitted. With `next(error)` it goes to
   * the app's error middleware.
   * @example
   * onError: (error, _req, res) => {
   *   res.status(400).type('text').send(error.description)
   * }
   */
  readonly onError?: (error: CsrfError, req: ExpressRequest, res: ExpressResponse, next: NextFunction) => void
}

/**
 * Checks every request of an app, before its routes; `res.locals.csrfToken()` gives the token for its forms.
 *
 * The body of a multipart request is never touched: with the token in a header it passes; without one it is refused,
 * unless its route is one of ours, which look for the field before the first file. Other routes (multer, say) never see
 * an unchecked body. A urlencoded body is taken from `req.body`, or parsed into it (at most 1 MiB, at the minimum rate).
 *
 * @throws OptionError for a wrong option
 * @example
 * app.use(csrfProtect(csrf({ secret }), { uploads, exempt: ['/webhook'] }))
 */
export function csrfProtect(
  csrf: Csrf,
  options?: CsrfProtectOptions,
): (req: CsrfRequest, res: CsrfResponse, next: NextFunction) => void {
  const settings = defineProtection(options)
  const { onError } = settings
  return (req, res, next) => {
    const head = requestHead(req)
    const request = { ...head, method: unsaferMethod(head, csrf.isChecked, req.originalMethod) }
    Object.assign(res.locals, { csrfToken: tokenFor(csrf, request, res) })
    check(csrf, request, req, res, settings).then(
      () => next(),
      error => {
        if (!isUploadError(error)) return next(error)
        // Whoever answers: a connection that ends with unread bytes is closed gently, so that the sentence is seen.
        const exchange = openExchange(req, res, settings.limits)
        if (onError && error instanceof CsrfError) onError(error, req as ExpressRequest, res as ExpressResponse, next)
        else void exchange.send(renderError(error, 'text'))
      },
    )
  }
}

/** The options, checked. */
interface Protection extends CsrfProtectOptions {
  readonly limits: BridgeLimits
}

function defineProtection(options: CsrfProtectOptions | undefined): Protection {
  const given = knownOptions(options, [...protectOptionNames, ...bridgeOptionNames], 'csrfProtect')
  checkProtectOptions(given, 'csrfProtect')
  const ofBridge = [...given].filter(([name]) => bridgeOptionNames.includes(name))
  return { ...options, limits: bridgeLimits(Object.fromEntries(ofBridge), 'csrfProtect') }
}

async function check(
  csrf: Csrf,
  request: IncomingRequest,
  req: CsrfRequest,
  res: CsrfResponse,
  { exempt = [], uploads, uploadRoutes = [], limits }: Protection,
): Promise<void> {
  // A target whose dot segments lead elsewhere is what it looks like to nobody, so it is on no list.
  const path = hasDotSegment(rawTarget(req)) ? '' : new URL(request.url).pathname
  if (!csrf.isChecked(request.method) || isListed(path, exempt)) return
  csrf.checkSite(request)
  if (csrf.hasHeaderToken(request)) return csrf.checkToken(request)
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'multipart/form-data') {
    if ((uploads && isOurs(uploads, req)) || isListed(path, uploadRoutes)) return
    throw new CsrfError('csrf-token-missing')
  }
  if (type === 'application/x-www-form-urlencoded') await parseUrlencoded(req, res, limits)
  csrf.checkToken(request, typeof req.body === 'object' && req.body !== null ? Object.entries(req.body) : [])
}

/** The token is made when the page asks for it, and its headers with it. */
function tokenFor(csrf: Csrf, request: IncomingRequest, res: ServerResponse): () => string {
  let token: string | undefined
  return () => {
    if (token !== undefined) return token
    if (res.headersSent) throw new Error('csrfToken() was called after the head of the answer was sent.')
    const issued = csrf.issue(request)
    for (const [name, value] of issued.headers) res.appendHeader(name, value)
    token = issued.token
    return token
  }
}
