/** tus and the IETF protocol: parse(head) -> intent -> the service -> outcome -> reply. Both run through this one shell. */

import { binaryName } from '../protocols/binary.ts'
import { decodeBase64Url } from '../sansio/bytes/base64url.ts'
import { UploadError } from '../sansio/errors.ts'
import { parseIetf } from '../sansio/resumable/ietf/parse.ts'
import { announceProgress, announceUpload, replyIetf } from '../sansio/resumable/ietf/reply.ts'
import { interopVersion } from '../sansio/resumable/ietf/version.ts'
import type {
  AppendIntent,
  CreateIntent,
  FinalAnswer,
  Outcome,
  Reply,
  ResumableCapabilities,
  ResumableIntent,
  ResumableView,
} from '../sansio/resumable/intent.ts'
import { parseTusChecksum, tusChecksumAlgorithms } from '../sansio/resumable/tus/checksum.ts'
import { unsaferMethod } from '../sansio/resumable/tus/method.ts'
import { parseTus } from '../sansio/resumable/tus/parse.ts'
import { replyTus } from '../sansio/resumable/tus/reply.ts'
import { FormFields } from '../upload/parts.ts'
import type { Pipeline } from '../upload/pipeline.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { AppendBytes, BeginUpload, ResumableUploads } from '../upload/resumable.ts'
import type { ResumableRecord } from '../upload/resumable-record.ts'
import type { Verification } from '../upload/resumable-settings.ts'
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
  /** What the runtime can do beside Fetch: interim answers, trailers. */
  readonly context: RequestContext
  /** Aborts when the server has to end. */
  readonly stop: AbortSignal
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
  const ietf = { capabilities: at.capabilities, now: at.now(), interop: interopVersion(request) }
  const reply = (result: Outcome | UploadError): Reply =>
    dialect === 'tus' ? replyTus(result, at.capabilities) : replyIetf(result, ietf)
  const inform = (interim: Reply | undefined): boolean => {
    if (dialect === 'tus' || !interim || !at.context.inform) return false
    return at.context.inform(interim.status, interim.headers)
  }
  const exchange: Exchange = {
    request,
    dialect,
    id,
    at,
    announce: view => inform(announceUpload(view, ietf)),
    progress: offset => void inform(announceProgress(offset, ietf)),
  }
  try {
    return respond(request, reply(await run(exchange, parse(request, dialect, id, at))))
  } catch (error) {
    return respond(request, reply(await at.refused(error, request)))
  }
}

/** One request on its way, with what may be told before its answer. */
interface Exchange {
  readonly request: IncomingRequest
  readonly dialect: ResumableDialect
  readonly id: string | undefined
  readonly at: ResumableSurroundings
  /** Tells the URL of an upload. @returns whether it went out */
  announce(view: ResumableView): boolean
  progress(offset: number): void
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

async function run(exchange: Exchange, intent: ResumableIntent): Promise<Outcome> {
  const { request, dialect, id, at } = exchange
  if (intent.kind === 'options') return { kind: 'options' }
  const pipeline = at.enter({ ...headOf(request), method: unsaferMethod(request) })
  const owner = await at.owner(request)
  if (intent.kind === 'create') return create(exchange, intent, pipeline, owner)
  if (id === undefined) throw new UploadError('not-found')
  if (intent.kind === 'append') return append(exchange, intent, id, pipeline, owner)
  if (intent.kind === 'status') {
    // tus knows no other sign of the end than the offset; the IETF protocol's client says itself when it is there.
    const record =
      dialect === 'tus'
        ? await at.uploads.settle(pipeline, id, owner, contextOf(request, new Map()))
        : await at.uploads.status(id, owner)
    return { kind: 'status', view: viewOf(record, at) }
  }
  await at.uploads.terminate(id, owner)
  return { kind: 'terminated' }
}

async function create(exchange: Exchange, intent: CreateIntent, pipeline: Pipeline, owner: string): Promise<Outcome> {
  const { request, at } = exchange
  const context = contextOf(request, intent.metadata)
  const { concat, length } = intent
  const begin: BeginUpload = {
    owner,
    filename: intent.name,
    type: intent.type,
    metadata: Object.fromEntries(intent.metadata),
    ...(length !== undefined && { length }),
    ...digestsOf(intent),
    ...(concat?.kind === 'partial' && { partial: true, concat: 'partial' }),
    ...(concat?.kind === 'final' && { concat: concat.field }),
  }
  if (concat?.kind === 'final') {
    const record = await at.uploads.concat(pipeline, concat.parts, begin, context)
    return { kind: 'created', view: viewOf(record, at), withBody: false }
  }
  const record = await at.uploads.begin(pipeline, begin, context)
  if (record.state === 'complete') return completed(record, true, at)
  const isKnown = exchange.announce(viewOf(record, at))
  if (!intent.withBody) return { kind: 'created', view: viewOf(record, at), withBody: false }
  try {
    const after = await at.uploads.append(pipeline, record.id, owner, bytesOf(exchange, intent, 0), context)
    if (after.state === 'complete') return completed(after, true, at)
    return { kind: 'created', view: viewOf(after, at), withBody: true }
  } catch (error) {
    // Nobody was told its URL, and the refusal does not tell it either.
    if (!isKnown && !request.signal?.aborted) await at.uploads.terminate(record.id, owner).catch(() => {})
    throw error
  }
}

async function append(
  exchange: Exchange,
  intent: AppendIntent,
  id: string,
  pipeline: Pipeline,
  owner: string,
): Promise<Outcome> {
  const { request, at } = exchange
  const { offset, length } = intent
  const bytes = { ...bytesOf(exchange, intent, offset), ...(length !== undefined && { length }) }
  const record = await at.uploads.append(pipeline, id, owner, bytes, contextOf(request, new Map()))
  return record.state === 'complete' ? completed(record, false, at) : { kind: 'appended', view: viewOf(record, at) }
}

function completed(record: ResumableRecord, created: boolean, at: ResumableSurroundings): Outcome {
  return { kind: 'completed', view: viewOf(record, at), created, answer: answerOf(record) }
}

function bytesOf(
  { request, at, progress }: Exchange,
  intent: CreateIntent | AppendIntent,
  offset: number,
): AppendBytes {
  const { complete, bodyLength } = intent
  const verify = verificationOf(intent, at.context)
  return {
    offset,
    body: request.body,
    stop: at.stop,
    onProgress: progress,
    ...(bodyLength !== undefined && { bodyLength }),
    ...(verify && { verify }),
    ...(complete !== undefined && { complete }),
    ...digestsOf(intent),
  }
}

function digestsOf({ reprDigest, wantReprDigest }: CreateIntent | AppendIntent) {
  return { ...(reprDigest && { digest: reprDigest }), ...(wantReprDigest && { want: wantReprDigest }) }
}

function verificationOf(
  { checksum, checksumInTrailer }: CreateIntent | AppendIntent,
  { trailers }: RequestContext,
): Verification | undefined {
  if (checksum) return { algorithms: [checksum.algorithm], expected: () => checksum }
  if (!checksumInTrailer) return undefined
  return { algorithms: tusChecksumAlgorithms, expected: () => parseTusChecksum(trailers?.get('upload-checksum') ?? '') }
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
function answerOf({ file, told }: ResumableRecord): FinalAnswer {
  const headers = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }
  const digest = told && decodeBase64Url(told.base64url)
  return {
    status: 201,
    headers,
    body: JSON.stringify({ files: [file] }),
    ...(told && digest && { reprDigest: { algorithm: told.algorithm, digest } }),
  }
}

/** Getters of a Fetch `Request` do not survive a spread. */
function headOf({ method, url, headers, raw }: IncomingRequest): IncomingRequest {
  return { method, url, headers, body: null, ...(raw === undefined ? {} : { raw }) }
}

function respond({ method }: IncomingRequest, { status, headers, body }: Reply): Response {
  return new Response(method === 'HEAD' || body === undefined ? null : body, { status, headers })
}
