import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import { NodeBody } from './body.ts'
import { inform, trailersOf } from './interim.ts'
import type { BridgeLimits } from './limits.ts'
import { type BodyGuard, hasBody } from './linger.ts'

/** Node keeps this many header lines when `server.maxHeadersCount` is not set, and drops the rest without a word. */
const defaultHeaderLines = 1000

/** A Node request as the engine sees it, without a copy. */
export class NodeRequest implements IncomingRequest {
  readonly method: string
  readonly url: string
  readonly headers: { get(name: string): string | null }
  readonly body: NodeBody | null
  readonly raw: IncomingMessage
  readonly #res: ServerResponse
  #signal: AbortSignal | undefined

  constructor(req: IncomingMessage, res: ServerResponse, guard: BodyGuard, limits: BridgeLimits) {
    this.method = req.method ?? 'GET'
    this.raw = req
    this.url = absoluteUrl(req)
    this.headers = new RawHeaders(req)
    this.body = hasBody(req) ? new NodeBody(req, guard, limits, isConsumed(req)) : null
    this.#res = res
  }

  /** Aborts when the client vanishes before it has been answered. */
  get signal(): AbortSignal {
    this.#signal ??= vanishing(this.#res)
    return this.#signal
  }
}

/** A request without its body, for helpers that only look at the head. */
export function requestHead(req: IncomingMessage): IncomingRequest {
  return { method: req.method ?? 'GET', url: absoluteUrl(req), headers: new RawHeaders(req), body: null, raw: req }
}

/** What Fetch cannot say about a Node request. */
export class NodeContext implements RequestContext {
  readonly rawHeaderCount: number
  readonly maxHeaderCount: number
  readonly bodyConsumed: boolean
  readonly #req: IncomingMessage
  readonly #res: ServerResponse

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.#req = req
    this.#res = res
    this.rawHeaderCount = req.rawHeaders.length / 2
    this.maxHeaderCount = headerCap(req)
    this.bodyConsumed = hasBody(req) && isConsumed(req)
  }

  get remoteAddress(): string | undefined {
    return this.#req.socket.remoteAddress
  }

  get trailers(): NonNullable<RequestContext['trailers']> {
    return trailersOf(this.#req)
  }

  inform(status: number, headers: Readonly<Record<string, string>>): boolean {
    return inform(this.#req, this.#res, status, headers)
  }
}

/** A signal that aborts when the connection closes before the answer is out. */
function vanishing(res: ServerResponse): AbortSignal {
  const controller = new AbortController()
  // HTTP/2 responses do not say when they are finished.
  const onClose = () => void ((res.writableFinished ?? res.writableEnded) || controller.abort())
  if (res.destroyed) onClose()
  else res.once('close', onClose)
  return controller.signal
}

/** The target as it stood on the wire; Express keeps it in `originalUrl` when a router is mounted. */
export function rawTarget(req: IncomingMessage): string {
  const { originalUrl } = req as { originalUrl?: unknown }
  return typeof originalUrl === 'string' ? originalUrl : (req.url ?? '/')
}

/**
 * Whether the path of a raw target has a dot segment. The URL parser would resolve it away, and what the engine then
 * sees is not what the proxy in front of it saw.
 */
export function hasDotSegment(target: string): boolean {
  if (!/\.|%2e/i.test(target)) return false
  const path = target.split(/[?#]/, 1)[0] ?? ''
  return path
    .replace(/[\t\r\n]/g, '')
    .split(/[/\\]/)
    .some(segment => /^(?:\.|%2e){1,2}$/i.test(segment))
}

/** Whether Node may have dropped header lines: the count has reached its cap. */
export function lostHeaders(req: IncomingMessage): boolean {
  return req.rawHeaders.length / 2 >= headerCap(req)
}

function headerCap(req: IncomingMessage): number {
  const { server } = req.socket as { server?: { maxHeadersCount?: number | null } }
  const cap = server?.maxHeadersCount ?? defaultHeaderLines
  return cap > 0 ? cap : Number.POSITIVE_INFINITY
}

/**
 * Somebody read the body before us. `req.body` alone is no witness: Express 4 sets it to `{}` for every request.
 * A text encoding on the stream spoils the bytes, too.
 */
function isConsumed(req: IncomingMessage): boolean {
  return req.readableEnded || req.readableDidRead || req.readableEncoding !== null
}

/** Header access as Fetch has it: every line counts, joined; Node's own `headers` drops duplicates of some names. */
class RawHeaders {
  readonly #req: IncomingMessage

  constructor(req: IncomingMessage) {
    this.#req = req
  }

  /** Looks through the lines each time: there are few, and a table of them would be kept as long as the upload takes. */
  get(name: string): string | null {
    const { rawHeaders } = this.#req
    const wanted = name.toLowerCase()
    let found: string | null = null
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const line = rawHeaders[i] as string
      if (line.length !== wanted.length || line.toLowerCase() !== wanted) continue
      const value = rawHeaders[i + 1] as string
      found = found === null ? value : `${found}${wanted === 'cookie' ? '; ' : ', '}${value}`
    }
    return found
  }
}

/** Absolute, so that `//elsewhere/uploads` stays a path. Scheme and host are as good as the client's word. */
function absoluteUrl(req: IncomingMessage): string {
  const target = rawTarget(req)
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  const scheme = 'encrypted' in req.socket ? 'https' : 'http'
  const named = String(req.headers.host ?? req.headers[':authority'] ?? '')
  const host = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(named) ? named : 'localhost'
  return `${scheme}://${host}${path.startsWith('/') ? '' : '/'}${path}`
}
