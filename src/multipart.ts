/**
 * `dropgate/multipart`: the strict multipart/form-data parser on its own. It does no I/O.
 *
 * @example
 * import { boundaryOf, parseMultipart } from 'dropgate/multipart'
 *
 * for await (const event of parseMultipart(request.body, boundaryOf(request.headers.get('content-type')))) {
 *   if (event.type === 'part') console.log(event.part.name, event.part.filename)
 * }
 */
export { isUploadError, UploadError, type UploadErrorCode } from './sansio/errors.ts'
export { boundaryOf } from './sansio/multipart/boundary.ts'
export {
  defaultMultipartLimits,
  isFilePart,
  type MultipartEvent,
  type MultipartLimits,
  MultipartParser,
  type MultipartParserOptions,
  type MultipartTools,
  type PartHead,
} from './sansio/multipart/parser.ts'
export { nativeMultipartTools } from './upload/native-tools.ts'

import { type MultipartEvent, type MultipartLimits, MultipartParser } from './sansio/multipart/parser.ts'
import { nativeMultipartTools } from './upload/native-tools.ts'

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
