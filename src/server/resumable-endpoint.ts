/** tus and the IETF protocol: parse(head) -> intent -> the service -> outcome -> reply. Both run through this one shell. */

import { binaryName } from '../protocols/binary.ts'
import { UploadError } from '../sansio/errors.ts'
import { parseIetf } from '../sansio/resumable/ietf/parse.ts'
import { replyIetf } from '../sansio/resumable/ietf/reply.ts'
import { interopVersion } from '../sansio/resumable/ietf/version.ts'
import type {
  AppendIntent,
  CreateIntent,
  Outcome,
  Reply,
  ResumableCapabilities,
  ResumableIntent,
  ResumableView,
} from '../sansio/resumable/intent.ts'
import { unsaferMethod } from '../sansio/resumable/tus/method.ts'
import { parseTus } from '../sansio/resumable/tus/parse.ts'
import { replyTus } from '../sansio/resumable/tus/reply.ts'
import { FormFields } from '../upload/parts.ts'
import type { Pipeline } from '../upload/pipeline.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { BeginUpload, ResumableUploads } from '../upload/resumable.ts'
import type { ResumableRecord } from '../upload/resumable-record.ts'
import type { UploadContext } from '../upload/types.ts'

/** The two dialects. */
export type ResumableDialect = 'tus' | 'ietf'

/** What the shell works with. */
export interface ResumableSurroundings {
  readonly uploads: ResumableUploads
  /** The endpoint's path. */
  readonly path: string
  /** Our public origin, if one is configured: locations are absolute then. */
  readonly publicUrl: string | undefined
  readonly capabilities: ResumableCapabilities
  readonly now: () => number
  /** Runs the checks of the request (site, token) and returns the pipeline it may use. */
  enter(request: IncomingRequest): Pipeline
  /** Whose upload it is. */
  owner(request: IncomingRequest): Promise<string>
  /** Tells of a refusal; returns it as one. */
  refused(error: unknown, request: IncomingRequest): Promise<UploadError>
}

/**
 * Answers a request of either dialect.
 * @param id of the upload in the URL; undefined at the endpoint itself
 */
export async function answerResumable(
  request: IncomingRequest,
  dialect: ResumableDialect,
  id: string | undefined,
  at: ResumableSurroundings,
): Promise<Response> {
  const reply = (result: Outcome | UploadError): Reply =>
    dialect === 'tus'
      ? replyTus(result, at.capabilities)
      : replyIetf(result, { capabilities: at.capabilities, now: at.now(), interop: interopVersion(request) })
  try {
    return respond(request, reply(await run(request, parse(request, dialect, id, at), dialect, id, at)))
  } catch (error) {
    return respond(request, reply(await at.refused(error, request)))
  }
}

function parse(
  request: IncomingRequest,
  dialect: ResumableDialect,
  id: string | undefined,
  { path, publicUrl, capabilities }: ResumableSurroundings,
): ResumableIntent {
  const target = id === undefined ? {} : { id }
  if (dialect === 'ietf') {
    const name = binaryName(request)
    return parseIetf(request, name === undefined ? target : { ...target, name })
  }
  const own = URL.canParse(request.url) ? [new URL(request.url).origin] : []
  const origins = publicUrl === undefined ? own : [publicUrl, ...own]
  return parseTus(request, { ...target, basePath: path, origins, capabilities })
}

async function run(
  request: IncomingRequest,
  intent: ResumableIntent,
  dialect: ResumableDialect,
  id: string | undefined,
  at: ResumableSurroundings,
): Promise<Outcome> {
  if (intent.kind === 'options') return { kind: 'options' }
  const pipeline = at.enter({ ...headOf(request), method: unsaferMethod(request) })
  const owner = await at.owner(request)
  if (intent.kind === 'create') return create(request, intent, pipeline, owner, at)
  if (id === undefined) throw new UploadError('not-found')
  if (intent.kind === 'append') return append(request, intent, id, pipeline, owner, at)
  if (intent.kind === 'status') {
    // A tus client takes an offset that equals the length for a success and sends nothing more.
    const finish = dialect === 'tus' ? { pipeline, context: contextOf(request, new Map()) } : undefined
    return { kind: 'status', view: viewOf(await at.uploads.status(id, owner, finish), at) }
  }
  await at.uploads.terminate(id, owner)
  return { kind: 'terminated' }
}

async function create(
  request: IncomingRequest,
  intent: CreateIntent,
  pipeline: Pipeline,
  owner: string,
  at: ResumableSurroundings,
): Promise<Outcome> {
  const context = contextOf(request, intent.metadata)
  const { concat, length, reprDigest: digest } = intent
  const begin: BeginUpload = {
    owner,
    filename: intent.name,
    type: intent.type,
    metadata: Object.fromEntries(intent.metadata),
    ...(length !== undefined && { length }),
    ...(digest && { digest }),
    ...(concat?.kind === 'partial' && { partial: true, concat: 'partial' }),
    ...(concat?.kind === 'final' && { concat: concat.field }),
  }
  if (concat?.kind === 'final') {
    const record = await at.uploads.concat(pipeline, concat.parts, begin, context)
    return { kind: 'created', view: viewOf(record, at), withBody: false }
  }
  const record = await at.uploads.begin(pipeline, begin, context)
  if (!intent.withBody) return { kind: 'created', view: viewOf(record, at), withBody: false }
  const bytes = { offset: 0, body: request.body, ...bytesOf(intent) }
  const after = await at.uploads.append(pipeline, record.id, owner, bytes, context)
  const view = viewOf(after, at)
  return after.state === 'complete'
    ? { kind: 'completed', view, created: true, answer: answerOf(after) }
    : { kind: 'created', view, withBody: true }
}

async function append(
  request: IncomingRequest,
  intent: AppendIntent,
  id: string,
  pipeline: Pipeline,
  owner: string,
  at: ResumableSurroundings,
): Promise<Outcome> {
  const { offset, length } = intent
  const bytes = { offset, body: request.body, ...bytesOf(intent), ...(length !== undefined && { length }) }
  const record = await at.uploads.append(pipeline, id, owner, bytes, contextOf(request, new Map()))
  const view = viewOf(record, at)
  if (record.state === 'complete') return { kind: 'completed', view, created: false, answer: answerOf(record) }
  return { kind: 'appended', view }
}

function bytesOf({ checksum, complete }: CreateIntent | AppendIntent) {
  return { ...(checksum && { verify: checksum }), ...(complete !== undefined && { complete }) }
}

/** Hooks see the metadata where a form would have its fields. */
function contextOf(request: IncomingRequest, metadata: ReadonlyMap<string, string>): UploadContext {
  const fields = new FormFields()
  for (const [name, value] of metadata) fields.append(name, value)
  return { request, fields }
}

function viewOf(record: ResumableRecord, { path, publicUrl = '' }: ResumableSurroundings): ResumableView {
  const { id, offset, length, state, partial, expires, metadata, concat } = record
  return {
    location: `${publicUrl}${path}/${id}`,
    offset,
    length,
    complete: state === 'complete' || (partial === true && offset === length),
    metadata: new Map(Object.entries(metadata)),
    ...(state === 'open' && { expires }),
    ...(concat === 'partial' && { concat: { kind: 'partial' } as const }),
    ...(concat !== undefined &&
      concat !== 'partial' && { concat: { kind: 'final', parts: [], field: concat } as const }),
  }
}

/** What a form upload of the same file would have been answered. */
function answerOf({ file }: ResumableRecord) {
  const headers = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }
  return { status: 201, headers, body: JSON.stringify({ files: [file] }) }
}

/** Getters of a Fetch `Request` do not survive a spread. */
function headOf({ method, url, headers, raw }: IncomingRequest): IncomingRequest {
  return { method, url, headers, body: null, ...(raw === undefined ? {} : { raw }) }
}

function respond({ method }: IncomingRequest, { status, headers, body }: Reply): Response {
  return new Response(method === 'HEAD' || body === undefined ? null : body, { status, headers })
}
