import type { IncomingMessage, ServerResponse } from 'node:http'
import { textOfResponse } from '../../server/render.ts'
import type { BodyGuard } from './linger.ts'

/** Headers that HTTP/2 forbids (RFC 9113 section 8.2.2). */
const connectionHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/**
 * Writes a Fetch `Response` to Node and lets the guard take the unread rest of the request.
 * Resolves when everything was handed over or the client is gone; rejects when the response's body fails.
 */
export async function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  guard: BodyGuard,
  response: Response,
): Promise<void> {
  const text = textOfResponse(response)
  const reader = text === undefined ? response.body?.getReader() : undefined
  try {
    if (res.destroyed || res.headersSent) return
    writeHead(req, res, guard, response)
    // Reading on begins before the answer is out: a client that writes everything before it reads would block us both.
    guard.answered()
    const hasBody = mayHaveBody(req, response.status)
    if (reader && hasBody) await writeBody(res, reader)
    // With the whole text in hand Node writes the head and it at once, and knows their length.
    if (text !== undefined && hasBody) res.end(text)
    else res.end()
  } catch (error) {
    res.destroy()
    throw error
  } finally {
    await reader?.cancel().catch(() => {})
  }
}

function writeHead(req: IncomingMessage, res: ServerResponse, guard: BodyGuard, response: Response): void {
  const http1 = req.httpVersionMajor < 2
  res.statusCode = response.status
  for (const [name, value] of response.headers) {
    if (name === 'set-cookie' || (!http1 && connectionHeaders.has(name))) continue
    if (name === 'vary') res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
  for (const cookie of response.headers.getSetCookie()) res.appendHeader('set-cookie', cookie)
  prepareConnection(req, res, guard, response.status)
}

/** Says `Connection: close` where the rest of the body will not be read to its end. */
export function prepareConnection(req: IncomingMessage, res: ServerResponse, guard: BodyGuard, status: number): void {
  if (status === 408) guard.tooSlow()
  if (req.httpVersionMajor >= 2) return
  if (guard.hopeless || (guard.unread && status === 408)) res.setHeader('connection', 'close')
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

/** The first chunk waits for the second: an answer of one chunk, as nearly all are, gets its Content-Length. */
async function writeBody(res: ServerResponse, reader: Reader): Promise<void> {
  const first = await reader.read()
  let next = first.done ? first : await reader.read()
  if (next.done && !res.hasHeader('content-length')) res.setHeader('content-length', first.value?.byteLength ?? 0)
  if (!first.done) await write(res, first.value)
  for (; !next.done && !res.destroyed; next = await reader.read()) await write(res, next.value)
}

/** Resolves when the next chunk may come, or the client is gone. */
function write(res: ServerResponse, chunk: Uint8Array): Promise<void> | undefined {
  if (res.destroyed || res.write(chunk)) return undefined
  return new Promise(resolve => {
    const done = () => {
      res.off('drain', done).off('close', done)
      resolve()
    }
    res.on('drain', done).on('close', done)
  })
}

/** RFC 9110 sections 9.3.2, 15.3.5, 15.4.5. */
function mayHaveBody(req: IncomingMessage, status: number): boolean {
  return req.method !== 'HEAD' && status !== 204 && status !== 304
}
