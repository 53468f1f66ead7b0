/**
 * "Resumable Uploads for HTTP": from a request's head to an intent.
 *
 * Source: draft-ietf-httpbis-resumable-upload-11, section 4 ("State", "Upload Creation", "Offset Retrieval", "Upload
 * Append", "Upload Cancellation"), where -05 does not differ. Fields that are no well-formed structured fields of the
 * right type count as absent.
 */
import { decodeUtf8 } from '../../bytes/utf8.ts'
import { UploadError } from '../../errors.ts'
import { parseBoolean, parseNonNegativeInteger } from '../../headers/structured.ts'
import { bodyLengthOf, mediaType, methodNotAllowed } from '../fields.ts'
import type { AppendIntent, Content, CreateIntent, RequestHead, ResumableIntent } from '../intent.ts'
import { parseMetadata } from '../metadata.ts'
import { tusContentType } from '../tus/version.ts'
import { parseDigest, parseWantedDigest } from './digest.ts'
import { dispositionName } from './disposition.ts'
import { partialUpload } from './version.ts'

/** Where a request goes. */
export interface IetfTarget {
  /** The id in the URL; undefined at the endpoint itself. */
  readonly id?: string
  /** A file name from the URL's query, for clients that can not set Content-Disposition. */
  readonly name?: string
}

/**
 * What a request of the IETF protocol wants.
 *
 * @throws UploadError `method-not-allowed`, `unsupported-media-type`, `invalid-upload-complete`, `invalid-offset`,
 * `inconsistent-length`, `invalid-checksum`, `invalid-upload-metadata`
 * @example parseIetf({ method: 'GET', headers }, { id }) // { kind: 'status' }
 */
export function parseIetf(head: RequestHead, target: IetfTarget): ResumableIntent {
  const { method } = head
  if (method === 'OPTIONS') return { kind: 'options' }
  if (target.id === undefined) {
    // Any method that carries content may create.
    if (['POST', 'PUT', 'PATCH'].includes(method)) return parseCreate(head, target)
    throw methodNotAllowed('POST, PUT, PATCH, OPTIONS')
  }
  if (method === 'HEAD' || method === 'GET') return { kind: 'status' }
  if (method === 'PATCH') return parseAppend(head)
  if (method === 'DELETE') return { kind: 'terminate' }
  throw methodNotAllowed('HEAD, GET, PATCH, DELETE, OPTIONS')
}

function parseCreate(head: RequestHead, target: IetfTarget): CreateIntent {
  const content = parseContent(head)
  // The draft has no metadata; tus-js-client sends it in its IETF mode all the same, and nothing else with the name.
  const told = parseMetadata(head.headers.get('upload-metadata'))
  const name =
    dispositionName(head.headers.get('content-disposition'), decodeUtf8) || target.name || told.get('filename')
  const type = contentTypeOf(head) || mediaType(told.get('filetype'))
  const metadata = new Map(told)
  if (name) metadata.set('filename', name)
  if (type) metadata.set('filetype', type)
  return {
    ...content,
    kind: 'create',
    length: lengthOf(head, content, 0),
    name: name ?? '',
    type,
    metadata,
    // Over HTTP/2 a body may come without being announced.
    withBody: content.bodyLength !== 0,
  }
}

function parseAppend(head: RequestHead): AppendIntent {
  if (mediaType(head.headers.get('content-type')) !== partialUpload) {
    // RFC 5789 section 2.2: say what would be taken.
    throw new UploadError('unsupported-media-type', `Expected ${partialUpload}.`, {
      headers: { 'Accept-Patch': partialUpload },
    })
  }
  const offset = parseNonNegativeInteger(head.headers.get('upload-offset'))
  if (offset === undefined) throw new UploadError('invalid-offset')
  const content = parseContent(head)
  return { ...content, kind: 'append', offset, length: lengthOf(head, content, offset) }
}

/** `Upload-Length`, or the end of a body that is said to be the last one; the two must agree. */
function lengthOf({ headers }: RequestHead, content: Content, offset: number): number | undefined {
  const declared = parseNonNegativeInteger(headers.get('upload-length'))
  if (content.bodyLength === undefined) return declared
  const end = offset + content.bodyLength
  if (!Number.isSafeInteger(end)) throw new UploadError('inconsistent-length')
  if (declared === undefined) return content.complete ? end : undefined
  if (content.complete ? end !== declared : end > declared) throw new UploadError('inconsistent-length')
  return declared
}

function parseContent(head: RequestHead): Content {
  const { headers } = head
  const complete = parseBoolean(headers.get('upload-complete'))
  if (complete === undefined) throw new UploadError('invalid-upload-complete')
  const checksum = parseDigest(headers.get('content-digest'), 'Content-Digest')
  const reprDigest = parseDigest(headers.get('repr-digest'), 'Repr-Digest')
  const wantReprDigest = parseWantedDigest(headers.get('want-repr-digest'))
  return {
    bodyLength: bodyLengthOf(head),
    complete,
    checksumInTrailer: false,
    ...(checksum && { checksum }),
    ...(reprDigest && { reprDigest }),
    ...(wantReprDigest && { wantReprDigest }),
  }
}

/** The representation's type. Some clients name the wrapping of the bytes already when they create. */
function contentTypeOf({ headers }: RequestHead): string {
  const type = mediaType(headers.get('content-type'))
  return type === partialUpload || type === tusContentType ? '' : type
}
