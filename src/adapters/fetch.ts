import type { IncomingMessage, ServerResponse } from 'node:http'
import { CsrfError, isUploadError } from '../sansio/errors.ts'
import { knownOptions } from '../sansio/policy/option-keys.ts'
import { toResponse } from '../server/answer.ts'
import type { Csrf } from '../server/csrf-app.ts'
import { unsaferMethod } from '../server/method-override.ts'
import { checkProtectOptions, isListed, type ProtectOptions, protectOptionNames } from '../server/protect.ts'
import { renderError } from '../server/render.ts'
import type { Uploads } from '../server/types.ts'
import { textOf } from '../upload/text.ts'
import { openExchange, refusalOnSight } from './node-bridge/bridge.ts'
import { type BridgeLimits, type BridgeOptions, bridgeLimits } from './node-bridge/limits.ts'

/** So many bytes an ordinary form may have. */
const maxFormBytes = 1024 * 1024

/**
 * A Fetch handler.
 * @param env what the runtime passes beside the request: `c.env` in Hono, bindings, a server
 */
export type FetchHandler = (request: Request, env?: unknown) => Promise<Response>

/**
 * The engine as a Fetch handler: Hono, Bun, Deno, Next, service workers. It answers everything, 404 outside the
 * endpoint included, and never rejects.
 *
 * With the second argument it finds Node's own request where there is one (`@hono/node-server`), and reads that: the
 * bytes are not copied into a Fetch body, a client that is gone is noticed at once, the unread rest of a refused body
 * is drained within the budget of `options`, and interim answers go out.
 *
 * @param options of the Node request; other runtimes do as they do
 * @throws OptionError for a wrong option
 * @example
 * app.all('/uploads/*', c => handle(c.req.raw, c.env))   // Hono, with const handle = fetchUploads(uploads)
 * @example
 * export default { fetch: fetchUploads(uploads) }        // Bun, Deno
 */
export function fetchUploads(uploads: Uploads, options?: BridgeOptions): FetchHandler {
  const limits = bridgeLimits(options)
  return (request, env) => {
    const node = nodePair(env)
    return node ? handleNode(uploads, node, limits) : uploads.handle(request)
  }
}

async function handleNode(uploads: Uploads, { incoming, outgoing }: NodePair, limits: BridgeLimits): Promise<Response> {
  const exchange = openExchange(incoming, outgoing, limits)
  const { request, context } = exchange
  const refusal = refusalOnSight(incoming)
  return exchange.handOver(refusal ? uploads.errorResponse(refusal, request) : await uploads.handle(request, context))
}

interface NodePair {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * `@hono/node-server` passes Node's pair as `env`, or as `env.server`. A body that somebody has a hold of through Fetch
 * is read through Fetch.
 */
function nodePair(env: unknown): NodePair | undefined {
  const given: Partial<NodePair> & { readonly server?: Partial<NodePair> } = Object(env)
  const { incoming, outgoing } = given.server ?? given
  // A binding of the same name is no request.
  if (!Array.isArray(incoming?.rawHeaders) || typeof outgoing?.writeHead !== 'function') return undefined
  return incoming.readableDidRead || incoming.listenerCount('data') > 0 ? undefined : { incoming, outgoing }
}

/** Options of {@link protectFetch}. */
export interface ProtectFetchOptions extends ProtectOptions {
  /** Answers a refusal, `cross-site` included; its sentence as plain text when omitted. */
  readonly onError?: (error: CsrfError, request: Request) => Response | Promise<Response>
}

/**
 * A Fetch handler behind the app-wide protection.
 *
 * A multipart body is never touched: with the token in a header it passes; without one it is refused, unless its route
 * is one of ours, which look for the field before the first file. A urlencoded body is looked at in a copy (at most
 * 1 MiB).
 *
 * @throws OptionError for a wrong option
 * @example
 * export default { fetch: protectFetch(csrf({ secret }), handle, { uploads, exempt: ['/webhook'] }) }
 */
export function protectFetch(
  csrf: Csrf,
  handle: (request: Request, env?: unknown) => Response | Promise<Response>,
  options?: ProtectFetchOptions,
): FetchHandler {
  checkProtectOptions(knownOptions(options, protectOptionNames, 'protectFetch'), 'protectFetch')
  const settings = { ...options }
  return async (request, env) => {
    try {
      await checkFetch(csrf, request, settings)
    } catch (error) {
      if (settings.onError && error instanceof CsrfError) return settings.onError(error, request)
      if (isUploadError(error)) return toResponse(renderError(error, 'text'))
      throw error
    }
    return handle(request, env)
  }
}

async function checkFetch(
  csrf: Csrf,
  request: Request,
  { exempt = [], uploads, uploadRoutes = [] }: ProtectFetchOptions,
): Promise<void> {
  const method = unsaferMethod(request, csrf.isChecked)
  const path = new URL(request.url).pathname
  if (!csrf.isChecked(method) || isListed(path, exempt)) return
  csrf.checkSite({ method, url: request.url, headers: request.headers, body: null })
  if (csrf.hasHeaderToken(request)) return csrf.checkToken(request)
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'multipart/form-data' && (uploads?.matches(request) || isListed(path, uploadRoutes))) return
  csrf.checkToken(request, type === 'application/x-www-form-urlencoded' ? await fieldsOf(request) : [])
}

async function fieldsOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await textOf(request.clone().body, maxFormBytes))
}
