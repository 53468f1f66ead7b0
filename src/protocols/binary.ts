/** A raw body: one file, its name in `?name=` or in Content-Disposition (Dropzone's `binaryBody`, `curl -T`). */
import { parseContentDisposition } from '../sansio/headers/content-disposition.ts'
import { pushBody } from '../upload/body.ts'
import { nativeMultipartTools } from '../upload/native-tools.ts'
import type { PartHandlers } from '../upload/parts.ts'
import type { IncomingRequest } from '../upload/request.ts'

/**
 * The file name a raw upload goes by, or undefined if it has none.
 * @example binaryName(new Request('http://x/uploads?name=a%20b.txt')) // 'a b.txt'
 */
export function binaryName(request: Pick<IncomingRequest, 'url' | 'headers'>): string | undefined {
  const query = request.url.indexOf('?')
  const name = query < 0 ? null : new URLSearchParams(request.url.slice(query)).get('name')
  if (name) return name
  const disposition = request.headers.get('content-disposition')
  return (disposition && parseContentDisposition(disposition, nativeMultipartTools.decodeUtf8)?.filename) || undefined
}

/**
 * Reads a raw body as one file.
 * @param type MIME type without parameters, `''` if none
 * @param size bytes of the body, if known
 */
export async function readBinary(
  body: IncomingRequest['body'],
  file: { readonly filename: string; readonly type: string; readonly size?: number },
  handlers: PartHandlers,
): Promise<void> {
  const sink = await handlers.onFile({ ...file, field: '', index: 0 })
  await pushBody(body, chunk => sink.write(chunk))
  await sink.end()
}
