/**
 * tus 1.0.0: from an outcome or a refusal to an answer.
 *
 * Source: tus resumable upload protocol 1.0.0; the sections are named at each function.
 */
import type { UploadError } from '../../errors.ts'
import { formatHttpDate } from '../../headers/http-date.ts'
import type { FinalAnswer, Outcome, Reply, ResumableCapabilities, ResumableView } from '../intent.ts'
import { formatMetadata } from '../metadata.ts'
import { tusChecksumAlgorithms } from './checksum.ts'
import { tusVersion } from './version.ts'

/** Carries the finished file as JSON. */
const fileField = 'Dropgate-File'

const noStore = { 'Tus-Resumable': tusVersion, 'Cache-Control': 'no-store' }

/**
 * The answer of a tus server.
 *
 * @param result what came of the request
 * @param capabilities what the server can do; an answer to OPTIONS tells it
 * @example replyTus({ kind: 'terminated' }, capabilities).status // 204
 */
export function replyTus(result: Outcome | UploadError, capabilities: ResumableCapabilities): Reply {
  if (result instanceof Error) return replyError(result)
  switch (result.kind) {
    case 'options':
      return { status: 204, headers: { ...noStore, ...tusFeatures(capabilities) } }
    case 'created':
      return withFile(replyCreated(result.view, result.withBody), result.answer)
    case 'completed':
      return withFile(result.created ? replyCreated(result.view, true) : replyAppended(result.view), result.answer)
    case 'appended':
      return replyAppended(result.view)
    case 'status':
      return withFile({ status: 200, headers: { ...noStore, ...stateOf(result.view) } }, result.answer)
    case 'terminated':
      return { status: 204, headers: noStore }
  }
}

/**
 * What OPTIONS tells ("Core Protocol", OPTIONS; "Checksum"): version, extensions, limits, checksum algorithms.
 * @example tusFeatures(capabilities)['Tus-Version'] // '1.0.0'
 */
export function tusFeatures(capabilities: ResumableCapabilities): Readonly<Record<string, string>> {
  const extensions = ['creation', 'creation-with-upload', 'creation-defer-length', 'termination', 'checksum']
  if (capabilities.trailers) extensions.push('checksum-trailer')
  if (capabilities.concatenation) extensions.push('concatenation')
  if (capabilities.maxAge !== undefined) extensions.push('expiration')
  return {
    'Tus-Version': tusVersion,
    'Tus-Extension': extensions.join(','),
    'Tus-Checksum-Algorithm': tusChecksumAlgorithms.join(','),
    ...(capabilities.maxSize !== undefined && { 'Tus-Max-Size': String(capabilities.maxSize) }),
  }
}

/** "Creation", POST; "Creation With Upload": the offset is told when bytes were taken. */
function replyCreated(view: ResumableView, withBody: boolean): Reply {
  return {
    status: 201,
    headers: {
      ...noStore,
      Location: view.location,
      ...(withBody && { 'Upload-Offset': String(view.offset) }),
      ...expiresOf(view),
    },
  }
}

/** "Core Protocol", PATCH; "Expiration". */
function replyAppended(view: ResumableView): Reply {
  return { status: 204, headers: { ...noStore, 'Upload-Offset': String(view.offset), ...expiresOf(view) } }
}

/** "Core Protocol", HEAD; "Creation"; "Concatenation": a final upload has no offset before it is done. */
function stateOf(view: ResumableView): Record<string, string> {
  const { offset, length, complete, metadata, concat } = view
  return {
    ...(concat?.kind === 'final' && !complete ? {} : { 'Upload-Offset': String(offset) }),
    ...lengthOf(length, concat?.kind === 'final'),
    ...(metadata.size > 0 && { 'Upload-Metadata': formatMetadata(metadata) }),
    ...(concat && { 'Upload-Concat': concat.kind === 'final' ? concat.field : concat.kind }),
    ...expiresOf(view),
  }
}

function lengthOf(length: number | undefined, isFinal: boolean): Record<string, string> {
  if (length !== undefined) return { 'Upload-Length': String(length) }
  return isFinal ? {} : { 'Upload-Defer-Length': '1' }
}

/** Our own field, since the answers of tus have no body: what a form upload of the file would have been told of it. */
function withFile({ status, headers }: Reply, answer: FinalAnswer | undefined): Reply {
  return { status, headers: answer ? { ...headers, [fileField]: answer.file } : headers }
}

function expiresOf({ expires, complete }: ResumableView): Record<string, string> {
  return expires === undefined || complete ? {} : { 'Upload-Expires': formatHttpDate(expires) }
}

function replyError(error: UploadError): Reply {
  return {
    status: error.status,
    headers: {
      ...noStore,
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...error.headers,
    },
    body: error.message,
  }
}
