import type { IncomingMessage, ServerResponse } from 'node:http'
import { textOf } from '../../upload/text.ts'
import { openExchange } from '../node-bridge/bridge.ts'
import type { BridgeLimits } from '../node-bridge/limits.ts'

/** So many bytes an ordinary form may have; Flask's and Express's limits are of the same order. */
const maxBytes = 1024 * 1024

/**
 * Puts the fields of a urlencoded body into `req.body`, where no parser was before us. `_body` is the mark by which
 * Express's own parsers see that the work is done.
 *
 * @throws UploadError `field-too-long` (413) above 1 MiB, `too-slow` (408), `aborted` when the sender vanished
 */
export async function parseUrlencoded(
  req: IncomingMessage & { body?: unknown; _body?: unknown },
  res: ServerResponse,
  limits: BridgeLimits,
): Promise<void> {
  if (req._body || req.readableDidRead || req.readableEnded) return
  const text = await textOf(openExchange(req, res, limits).request.body, maxBytes)
  const body: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = body[name]
    body[name] = before === undefined ? value : [before, value].flat()
  }
  req.body = body
  req._body = true
}
