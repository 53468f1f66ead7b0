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
export { createMultipartParser, parseMultipart } from './upload/native-multipart.ts'
export { nativeMultipartTools } from './upload/native-tools.ts'
