import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { knownOptions } from '../../sansio/policy/option-keys.ts'
import { checkMilliseconds } from './limits.ts'

/** Options of {@link prepareServer}. */
export interface PrepareServerOptions {
  /** Milliseconds a client has for its request head, then 408. Default 20,000. */
  readonly headersTimeout?: number
  /** Milliseconds an idle connection is kept. Default 65,000: longer than the 60 s of common proxies. */
  readonly keepAliveTimeout?: number
  /** Milliseconds between half-closing and cutting a connection that sent nonsense. Default 2,000. */
  readonly lingerMs?: number
}

const defaults: Required<PrepareServerOptions> = { headersTimeout: 20_000, keepAliveTimeout: 65_000, lingerMs: 2_000 }

const prepared = new WeakSet<Server>()

/** The answer to the last request of a connection. On the socket itself, as in `bridge.ts`: this happens per request. */
const current = Symbol('current answer')
type Answering = Duplex & { [current]?: ServerResponse }

/**
 * Makes a Node server fit for uploads. Call it once, before `listen`.
 *
 * What is lost without it:
 * - `Expect: 100-continue` is answered by Node before anybody looked at the request, so a refused client sends its
 *   body all the same. With it the 100 goes out when somebody, your routes included, begins to read the body.
 * - Broken requests get an empty answer. With it they get one sentence as plain text.
 * - Node's `requestTimeout` of 300 s cuts honest slow uploads. It is switched off here, for all routes of the app; the
 *   bridge refuses bodies slower than 1 KiB/s by itself. Routes that read bodies in another way must see to it
 *   themselves: see docs/servers.md.
 * - Slow request heads are held for 60 s and noticed at intervals of 30 s. With it: 20 s, looked at every second.
 *
 * @returns the same server
 * @throws OptionError for a wrong option
 * @example
 * prepareServer(http.createServer(app)).listen(8080)
 */
export function prepareServer<S extends Server>(server: S, options?: PrepareServerOptions): S {
  const given = knownOptions(options, Object.keys(defaults), 'prepareServer')
  for (const [name, value] of given) checkMilliseconds(value, `prepareServer.${name}`)
  if (prepared.has(server)) return server
  prepared.add(server)
  const { headersTimeout, keepAliveTimeout, lingerMs } = { ...defaults, ...Object.fromEntries(given) }
  server.headersTimeout = headersTimeout
  server.requestTimeout = 0
  server.keepAliveTimeout = keepAliveTimeout
  // Read by Node when the server begins to listen; not in its types.
  Object.assign(server, { connectionsCheckingInterval: 1_000 })

  server.prependListener('request', (req, res) => {
    const socket: Answering = req.socket
    socket[current] = res
  })
  server.on('checkContinue', (req, res) => {
    continueOnRead(req, res)
    server.emit('request', req, res)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Answering) => {
    answerBrokenRequest(error, socket, socket[current], lingerMs)
  })
  return server
}

/** Sends the 100 when the first reader comes, and never after a final answer (RFC 9110 section 10.1.1). */
function continueOnRead(req: IncomingMessage, res: ServerResponse): void {
  const read = req._read
  req._read = size => {
    req._read = read
    if (!res.headersSent) res.writeContinue()
    read.call(req, size)
  }
}

function answerBrokenRequest(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  response: ServerResponse | undefined,
  lingerMs: number,
): void {
  const inFlight = response !== undefined && !response.writableFinished
  // Nobody is there to read, or an answer has begun and more bytes would only garble it.
  if (error.code === 'ECONNRESET' || !socket.writable || (inFlight && response.headersSent)) {
    socket.destroy()
    return
  }
  socket.end(rawAnswer(error.code))
  // A handler that waits for the rest of this body must hear at once that it will not come.
  if (inFlight) socket.once('finish', () => socket.destroy())
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
}

function rawAnswer(code: string | undefined): string {
  const { status, text } = brokenRequests[code ?? ''] ?? { status: '400 Bad Request', text: 'Malformed request.' }
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${text.length}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    text,
  ].join('\r\n')
}

/** Node's error codes and what we say; everything else is a 400. */
const brokenRequests: Record<string, { status: string; text: string }> = {
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', text: 'The headers are too long.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', text: 'The chunk extensions are too long.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', text: 'The request was too slow.' },
}
