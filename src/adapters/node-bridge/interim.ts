/** What comes before the final answer, and after the request's body. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'

type Fields = Readonly<Record<string, string>>

/** What newer Node versions have for HTTP/1.1. */
interface WithInformation {
  writeInformation?: (status: number, headers: Fields) => unknown
}

const reasons: Readonly<Record<number, string>> = { 103: 'Early Hints', 104: 'Upload Resumption Supported' }

/**
 * Sends an interim answer. HTTP/1.0 clients and those whose turn on a pipelined connection has not come get none.
 * @returns whether it went out
 * @see RFC 9110 section 15.2
 */
export function inform(req: IncomingMessage, res: ServerResponse, status: number, headers: Fields): boolean {
  if (res.headersSent || res.destroyed || res.writableEnded) return false
  if (req.httpVersionMajor >= 2) {
    const { stream } = req as { stream?: ServerHttp2Stream }
    if (!stream || stream.destroyed) return false
    stream.additionalHeaders({ ':status': status, ...headers })
    return true
  }
  // Whoever pipelines waits for the answer before: Node has not given the connection to this one yet.
  if (req.httpVersion !== '1.1' || !res.socket?.writable) return false
  const { writeInformation } = res as WithInformation
  if (writeInformation) writeInformation.call(res, status, headers)
  else res.socket.write(rawHead(status, headers), 'latin1')
  return true
}

/** Fields after the body. Node keeps the first of several of one name apart from lists; we ask for single ones. */
export function trailersOf(req: IncomingMessage): { get(name: string): string | null } {
  return { get: name => req.trailers[name.toLowerCase()] ?? null }
}

function rawHead(status: number, headers: Fields): string {
  // Fetch's `Headers` lets no line break through (TypeError).
  const lines = [...new Headers(headers)].map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${reasons[status] ?? 'Information'}`, ...lines, '', ''].join('\r\n')
}
