/** Which protocol a request speaks, from its head alone. All of them share one URL. */
import { UploadError } from '../errors.ts'
import { parseBoolean } from '../headers/structured.ts'
import { mediaType } from './fields.ts'
import { partialUpload } from './ietf/version.ts'
import type { RequestHead } from './intent.ts'
import { tusContentType, unsupportedVersion } from './tus/version.ts'

/**
 * `options` asks what we can do, in any protocol; `form` is multipart, with or without Dropzone's chunk fields; `raw` is
 * one file as the body, if it has a name; `other` is no upload: a page, a download, a wrong method.
 */
export type Dialect = 'options' | 'tus' | 'ietf' | 'form' | 'raw' | 'other'

/**
 * The protocol of a request, by the first of: OPTIONS; `Tus-Resumable` is tus; `Upload-Complete`,
 * `Upload-Draft-Interop-Version` or the type `application/partial-upload` is IETF; HEAD or DELETE of an upload's URL is
 * IETF; multipart is a form; any other type is a raw upload.
 *
 * A POST of a form stays a form though it offers to be resumed (draft -11, "Upload Creation": the server may choose): as
 * one file it would be kept with its boundaries. An `Upload-Complete` that is no boolean counts as absent.
 *
 * @param isUpload whether the URL is that of an upload, not the endpoint's own
 * @throws UploadError `unsupported-version` (412) for what looks like tus without its version, and for a PATCH without a
 * mark; `unsupported-media-type` for `application/x-www-form-urlencoded`
 * @example dialectOf({ method: 'HEAD', headers: new Headers() }, true) // 'ietf'
 */
export function dialectOf(head: RequestHead, isUpload: boolean): Dialect {
  const { method, headers } = head
  const type = mediaType(headers.get('content-type'))
  if (method === 'OPTIONS') return 'options'
  if (headers.get('tus-resumable') !== null) return 'tus'
  const isForm = type === 'multipart/form-data' && method === 'POST'
  if (!isForm && hasIetfMark(headers, type)) return 'ietf'
  if (isUpload && (method === 'HEAD' || method === 'DELETE')) return 'ietf'
  if (method === 'PATCH') throw unsupportedVersion()
  if (method !== 'POST' && method !== 'PUT') return 'other'
  if (type === 'application/x-www-form-urlencoded') throw new UploadError('unsupported-media-type')
  if (isForm) return 'form'
  if (looksLikeTus(headers, type)) throw unsupportedVersion()
  return method === 'POST' ? 'raw' : 'other'
}

function hasIetfMark(headers: RequestHead['headers'], type: string): boolean {
  return (
    parseBoolean(headers.get('upload-complete')) !== undefined ||
    headers.get('upload-draft-interop-version') !== null ||
    type === partialUpload
  )
}

/** Its own fields, or its own type, but not the version that every request must carry. */
function looksLikeTus(headers: RequestHead['headers'], type: string): boolean {
  const fields = ['upload-length', 'upload-defer-length', 'upload-metadata', 'upload-concat']
  return type === tusContentType || fields.some(name => headers.get(name) !== null)
}
