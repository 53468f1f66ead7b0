import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../../server/answer.ts'
import type { BodyGuard } from './linger.ts'

/** Headers that HTTP/2 forbids (RFC 9113 section 8.2.2). */
const connectionHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/**
 * Writes an answer to Node and lets the guard take the unread rest of the request.
 * Resolves when everything was handed over or the client is gone; rejects when the answer's body fails.
 */
export async function writeAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  guard: BodyGuard,
  answer: Answer | Response,
): Promise<void> {
  const { body } = answer
  const reader = typeof body === 'object' ? body?.getReader() : undefined
  try {
    if (res.destroyed || res.headersSent) return
    writeHead(req, res, guard, answer)
    // Reading on begins before the answer is out: a client that writes everything before it reads would block us both.
    guard.answered()
    const hasBody = mayHaveBody(req, answer.status)
    if (reader && hasBody) await writeBody(res, reader)
    // With the whole text in hand Node writes the head and it at once, and knows their length.
    if (typeof body === 'string' && hasBody) res.end(body)
    else res.end()
  } catch (error) {
    res.destroy()
    throw error
  } finally {
    if (reader) await reader.cancel().catch(() => {})
  }
}

function writeHead(
  req: IncomingMessage,
  res: ServerResponse,
  guard: BodyGuard,
  { status, headers }: Answer | Response,
) {
  const http1 = req.httpVersionMajor < 2
  res.statusCode = status
  for (const [field, value] of headers instanceof Headers ? headers : Object.entries(headers)) {
    const name = field.toLowerCase()
    if (!http1 && connectionHeaders.has(name)) continue
    // What others have said already stands beside ours.
    if (name === 'vary' || name === 'set-cookie') res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
  prepareConnection(req, res, guard, status)
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
