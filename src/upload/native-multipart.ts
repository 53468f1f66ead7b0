/** The multipart parser with the runtime's own tools. */
import { type MultipartEvent, type MultipartLimits, MultipartParser } from '../sansio/multipart/parser.ts'
import { nativeMultipartTools } from './native-tools.ts'

/**
 * A parser with the runtime's own byte search and decoder.
 *
 * @param boundary as `boundaryOf` returns it
 * @param limits those that differ from `defaultMultipartLimits`
 * @throws UploadError `malformed-multipart` for a boundary that RFC 2046 does not allow
 */
export function createMultipartParser(boundary: string, limits: Partial<MultipartLimits> = {}): MultipartParser {
  return new MultipartParser(boundary, { limits, tools: nativeMultipartTools })
}

/**
 * The events of a body, chunk by chunk: the next chunk is asked for when the events of the last have been taken.
 * The bytes of `data` are views of the chunks: copy them if you keep them and the source reuses its buffers.
 *
 * @param limits those that differ from `defaultMultipartLimits`
 * @throws UploadError when the body is refused, `ended-early` when it ends without the close delimiter
 */
export async function* parseMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: Partial<MultipartLimits> = {},
): AsyncGenerator<MultipartEvent, void, undefined> {
  const parser = createMultipartParser(boundary, limits)
  for await (const chunk of body) {
    parser.push(chunk)
    for (let event = parser.read(); event !== undefined; event = parser.read()) yield event
  }
  parser.end()
}
