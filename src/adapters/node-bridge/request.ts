import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import { NodeBody } from './body.ts'
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
  readonly #abort: () => AbortController

  constructor(req: IncomingMessage, res: ServerResponse, guard: BodyGuard, limits: BridgeLimits) {
    this.method = req.method ?? 'GET'
    this.raw = req
    this.url = absoluteUrl(req)
    this.headers = new RawHeaders(req)
    this.body = hasBody(req) ? new NodeBody(req, guard, limits, isConsumed(req)) : null
    this.#abort = lazy(() => new AbortController())
    res.once('close', () => {
      // HTTP/2 responses do not say when they are finished.
      if (!(res.writableFinished ?? res.writableEnded)) this.#abort().abort()
    })
  }

  /** Aborts when the client vanishes before it has been answered. */
  get signal(): AbortSignal {
    return this.#abort().signal
  }
}

/** A request without its body, for helpers that only look at the head. */
export function requestHead(req: IncomingMessage): IncomingRequest {
  return { method: req.method ?? 'GET', url: absoluteUrl(req), headers: new RawHeaders(req), body: null, raw: req }
}

/** What Fetch cannot say about a Node request. */
export function requestContext(req: IncomingMessage): RequestContext {
  const { remoteAddress } = req.socket
  return {
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    rawHeaderCount: req.rawHeaders.length / 2,
    maxHeaderCount: headerCap(req),
    bodyConsumed: hasBody(req) && isConsumed(req),
  }
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
  readonly #lines: () => Map<string, string>

  constructor(req: IncomingMessage) {
    this.#lines = lazy(() => collect(req))
  }

  get(name: string): string | null {
    return this.#lines().get(name.toLowerCase()) ?? null
  }
}

function collect(req: IncomingMessage): Map<string, string> {
  const lines = new Map<string, string>()
  const { rawHeaders } = req
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase()
    const value = String(rawHeaders[i + 1])
    const before = lines.get(name)
    lines.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`)
  }
  return lines
}

/** Absolute, so that `//elsewhere/uploads` stays a path. Scheme and host are as good as the client's word. */
function absoluteUrl(req: IncomingMessage): string {
  const path = rawTarget(req).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  const scheme = 'encrypted' in req.socket ? 'https' : 'http'
  const named = String(req.headers.host ?? req.headers[':authority'] ?? '')
  const host = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(named) ? named : 'localhost'
  return `${scheme}://${host}${path.startsWith('/') ? '' : '/'}${path}`
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
