import type { IncomingMessage } from 'node:http'
import { UploadError } from '../../sansio/errors.ts'

/** So many bytes an ordinary form may have; Flask's and Express's limits are of the same order. */
const maxBytes = 1024 * 1024

/**
 * Puts the fields of a urlencoded body into `req.body`, where no parser was before us. `_body` is the mark by which
 * Express's own parsers see that the work is done.
 *
 * @throws UploadError `field-too-long` (413) above 1 MiB, `aborted` when the sender vanished
 */
export async function parseUrlencoded(req: IncomingMessage & { body?: unknown; _body?: unknown }): Promise<void> {
  if (req._body || req.readableDidRead || req.readableEnded) return
  const text = await readText(req)
  const body: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = body[name]
    body[name] = before === undefined ? value : [before, value].flat()
  }
  req.body = body
  req._body = true
}

function readText(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else reject(new UploadError('field-too-long'))
    })
    req.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    req.once('error', cause => reject(new UploadError('aborted', undefined, { cause })))
    req.once('close', () => reject(new UploadError('aborted')))
  })
}
