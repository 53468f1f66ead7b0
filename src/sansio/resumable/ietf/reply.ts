/**
 * "Resumable Uploads for HTTP": from an outcome or a refusal to an answer, and the interim answers on the way.
 *
 * Source: draft-ietf-httpbis-resumable-upload-11; the sections are named at each function. Answers carry more than some
 * drafts ask for (`Upload-Offset` everywhere), so that clients of each version find what they need.
 */
import type { UploadError } from '../../errors.ts'
import { formatBoolean } from '../../headers/structured.ts'
import type { FinalAnswer, Outcome, Reply, ResumableCapabilities, ResumableView } from '../intent.ts'
import type { IetfContext } from './context.ts'
import { formatDigest } from './digest.ts'
import { formatLimits } from './limit.ts'
import { replyProblem } from './problem.ts'
import { type InteropVersion, partialUpload } from './version.ts'

const noStore = { 'Cache-Control': 'no-store' }

/**
 * The answer of a server of the IETF protocol.
 *
 * @example replyIetf({ kind: 'terminated' }, context).status // 204
 */
export function replyIetf(result: Outcome | UploadError, context: IetfContext): Reply {
  if (result instanceof Error) return replyProblem(result, context)
  switch (result.kind) {
    case 'options':
      return { status: 204, headers: { ...noStore, ...ietfFeatures(context.capabilities, context.interop) } }
    case 'created':
      return { status: 201, headers: { ...stateOf(result.view), ...announcementOf(result.view, context) } }
    case 'status':
      return replyStatus(result.view, context)
    case 'appended':
      return { status: 204, headers: stateOf(result.view) }
    case 'completed':
      return replyCompleted(result.view, result.answer, result.created)
    case 'terminated':
      return { status: 204, headers: noStore }
  }
}

/**
 * What OPTIONS tells ("Limits").
 * @example ietfFeatures(capabilities, undefined)['Accept-Patch'] // 'application/partial-upload'
 */
export function ietfFeatures(
  capabilities: ResumableCapabilities,
  interop: InteropVersion | undefined,
): Readonly<Record<string, string>> {
  return { 'Accept-Patch': partialUpload, 'Upload-Limit': formatLimits(capabilities, capabilities.maxAge, interop) }
}

/**
 * The interim answer that tells where an upload can be continued, to be sent before its bytes are read ("Upload
 * Creation", Server Behavior).
 *
 * @returns undefined when none may be sent: the request named no interop version, or one we do not speak
 */
export function announceUpload(view: ResumableView, context: IetfContext): Reply | undefined {
  return interim(announcementOf(view, context), context)
}

/** The interim answer that tells how far an upload has come. Has no Location; undefined when none may be sent. */
export function announceProgress(offset: number, context: IetfContext): Reply | undefined {
  return interim({ 'Upload-Offset': String(offset) }, context)
}

function interim(headers: Readonly<Record<string, string>>, { interop }: IetfContext): Reply | undefined {
  if (interop === undefined) return undefined
  return { status: 104, headers: { 'Upload-Draft-Interop-Version': String(interop), ...headers } }
}

/** "Offset Retrieval", Server Behavior. */
function replyStatus(view: ResumableView, context: IetfContext): Reply {
  return {
    status: 204,
    headers: {
      ...stateOf(view),
      ...(view.length !== undefined && { 'Upload-Length': String(view.length) }),
      'Upload-Limit': limitsOf(view, context),
    },
  }
}

/** "Upload Append", Server Behavior: what the target says of the whole, marked as such. */
function replyCompleted(view: ResumableView, answer: FinalAnswer, created: boolean): Reply {
  return {
    status: answer.status,
    headers: {
      ...stateOf(view),
      'Upload-Complete': formatBoolean(true),
      ...(created && { Location: view.location }),
      ...(answer.reprDigest && { 'Repr-Digest': formatDigest(answer.reprDigest) }),
      ...answer.headers,
    },
    ...(answer.body !== undefined && { body: answer.body }),
  }
}

function stateOf(view: ResumableView): Record<string, string> {
  return {
    ...noStore,
    'Upload-Offset': String(view.offset),
    'Upload-Complete': formatBoolean(view.complete),
  }
}

function announcementOf(view: ResumableView, context: IetfContext): Record<string, string> {
  return { Location: view.location, 'Upload-Limit': limitsOf(view, context) }
}

function limitsOf({ expires }: ResumableView, { capabilities, now, interop }: IetfContext): string {
  const age = expires === undefined ? undefined : Math.max(0, Math.floor((expires - now) / 1000))
  return formatLimits(capabilities, age, interop)
}
