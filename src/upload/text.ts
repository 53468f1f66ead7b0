import { UploadError } from '../sansio/errors.ts'
import { pushBody } from './body.ts'
import type { IncomingRequest } from './request.ts'

/**
 * Reads a short body as text (UTF-8): an ordinary form, say.
 *
 * @param maxBytes more is not read
 * @throws UploadError `field-too-long` (413) for more, `aborted` when the sender vanished; over Node `too-slow` (408)
 */
export async function textOf(body: IncomingRequest['body'], maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let size = 0
  await pushBody(body, chunk => {
    size += chunk.length
    if (size > maxBytes) throw new UploadError('field-too-long')
    text += decoder.decode(chunk, { stream: true })
    return undefined
  })
  return text + decoder.decode()
}
