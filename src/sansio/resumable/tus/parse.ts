/**
 * tus 1.0.0: from a request's head to an intent.
 *
 * Source: tus resumable upload protocol 1.0.0, core and the extensions creation, creation-with-upload,
 * creation-defer-length, checksum, checksum-trailer, termination, concatenation.
 */
import { UploadError } from '../../errors.ts'
import { trimSpace } from '../../headers/parameters.ts'
import { announcesBody, bodyLengthOf, mediaType, methodNotAllowed, parseDigits } from '../fields.ts'
import type {
  AppendIntent,
  Content,
  CreateIntent,
  RequestHead,
  ResumableCapabilities,
  ResumableIntent,
} from '../intent.ts'
import { parseMetadata } from '../metadata.ts'
import { parseTusChecksum } from './checksum.ts'
import { parseConcat, type UploadSpace } from './concat.ts'
import { effectiveMethod } from './method.ts'
import { tusContentType, tusVersion, unsupportedVersion } from './version.ts'

/** Where a request goes, and what may be promised to it. */
export interface TusTarget extends UploadSpace {
  /** The id in the URL; undefined at the endpoint itself. */
  readonly id?: string
  readonly capabilities: Pick<ResumableCapabilities, 'concatenation' | 'trailers'>
}

/**
 * What a tus request wants. Sees the head only, so all that is wrong with it is told before the upload is looked up.
 *
 * @throws UploadError `unsupported-version` (412), `method-not-allowed`, `unsupported-media-type`, `invalid-offset`,
 * `invalid-length`, `invalid-upload-metadata`, `invalid-concat`, `upload-final`, `invalid-checksum`,
 * `unknown-checksum-algorithm`
 * @example parseTus({ method: 'HEAD', headers }, { id, basePath: '/uploads', origins: [], capabilities }) // { kind: 'status' }
 */
export function parseTus(head: RequestHead, target: TusTarget): ResumableIntent {
  const method = effectiveMethod(head)
  if (method === 'OPTIONS') return { kind: 'options' }
  if (head.headers.get('tus-resumable') !== tusVersion) throw unsupportedVersion()
  if (target.id === undefined) {
    if (method !== 'POST') throw methodNotAllowed('POST, OPTIONS')
    return parseCreate(head, target)
  }
  if (method === 'HEAD') return { kind: 'status' }
  if (method === 'PATCH') return parseAppend(head, target)
  if (method === 'DELETE') return { kind: 'terminate' }
  throw methodNotAllowed('HEAD, PATCH, DELETE, OPTIONS')
}

function parseCreate(head: RequestHead, target: TusTarget): CreateIntent {
  const withBody = isChunk(head) && bodyLengthOf(head) !== 0
  // A proxy may announce a body for a request that had none (nginx, from HTTP/2): nothing says that these are bytes of a file.
  const isNothing = head.headers.get('content-type') === null && bodyLengthOf(head) === undefined
  if (!isChunk(head) && announcesBody(head) && !isNothing) throw wrongType()
  const concat = parseConcat(head.headers.get('upload-concat'), target)
  if (concat && !target.capabilities.concatenation) throw new UploadError('invalid-concat')
  // The bytes of a final upload are those of its parts.
  if (concat?.kind === 'final' && withBody) throw new UploadError('upload-final')
  const metadata = parseMetadata(head.headers.get('upload-metadata'))
  return {
    ...parseContent(head, target),
    kind: 'create',
    length: parseLength(head, concat?.kind === 'final'),
    name: metadata.get('filename') || metadata.get('name') || '',
    type: mediaType(metadata.get('filetype') || metadata.get('type')),
    metadata,
    withBody,
    ...(concat && { concat }),
  }
}

function parseAppend(head: RequestHead, target: TusTarget): AppendIntent {
  if (!isChunk(head)) throw wrongType()
  const offset = parseDigits(head.headers.get('upload-offset'), 'invalid-offset')
  if (offset === undefined) throw new UploadError('invalid-offset')
  const length = parseDigits(head.headers.get('upload-length'), 'invalid-length')
  return { ...parseContent(head, target), kind: 'append', offset, length }
}

/** Exactly one of `Upload-Length` and `Upload-Defer-Length: 1`; neither for a final upload. */
function parseLength({ headers }: RequestHead, isFinal: boolean): number | undefined {
  const length = parseDigits(headers.get('upload-length'), 'invalid-length')
  const deferred = headers.get('upload-defer-length')
  const given = (length === undefined ? 0 : 1) + (deferred === null ? 0 : 1)
  if (given !== (isFinal ? 0 : 1) || (deferred !== null && deferred !== '1')) throw new UploadError('invalid-length')
  return length
}

function parseContent(head: RequestHead, { capabilities }: TusTarget): Content {
  const checksum = head.headers.get('upload-checksum')
  const announced = (head.headers.get('trailer') ?? '').toLowerCase().split(',').map(trimSpace)
  const checksumInTrailer = checksum === null && announced.includes('upload-checksum')
  // Taking a checksum without looking at it would be worse than refusing it.
  if (checksumInTrailer && !capabilities.trailers) {
    throw new UploadError('invalid-checksum', 'Upload-Checksum can not be read as a trailer here.')
  }
  return {
    bodyLength: bodyLengthOf(head),
    complete: undefined,
    ...(checksum !== null && { checksum: parseTusChecksum(checksum) }),
    checksumInTrailer,
  }
}

function isChunk({ headers }: RequestHead): boolean {
  return mediaType(headers.get('content-type')) === tusContentType
}

function wrongType(): UploadError {
  return new UploadError('unsupported-media-type', `Expected ${tusContentType}.`)
}
