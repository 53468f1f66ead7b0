/** From the intent of a request to the service, and from what became of it to an outcome. The same for both dialects. */
import { UploadError } from '../sansio/errors.ts'
import type { AppendIntent, CreateIntent, Outcome, ResumableIntent } from '../sansio/resumable/intent.ts'
import { parseTusChecksum, tusChecksumAlgorithms } from '../sansio/resumable/tus/checksum.ts'
import { unsaferMethod } from '../sansio/resumable/tus/method.ts'
import { FormFields } from '../upload/parts.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { AppendBytes, BeginUpload, ResumablePipeline } from '../upload/resumable.ts'
import type { ResumableRecord } from '../upload/resumable-record.ts'
import type { Verification } from '../upload/resumable-settings.ts'
import type { UploadContext } from '../upload/types.ts'
import type { Exchange, ResumableSurroundings } from './resumable-surroundings.ts'
import { answerOf, viewOf } from './resumable-view.ts'

/**
 * Does what a request wants.
 * @throws UploadError for everything that is refused
 */
export async function run(exchange: Exchange, intent: ResumableIntent): Promise<Outcome> {
  const { request, dialect, id, at } = exchange
  if (intent.kind === 'options') return { kind: 'options' }
  const pipeline = at.enter({ ...headOf(request), method: unsaferMethod(request) })
  const owner = await at.owner(request)
  if (intent.kind === 'create') return at.admitted(pipeline, () => create(exchange, intent, pipeline, owner))
  if (id === undefined) throw new UploadError('not-found')
  if (intent.kind === 'append') return at.admitted(pipeline, () => append(exchange, intent, id, pipeline, owner))
  if (intent.kind === 'status') {
    // tus knows no other sign of the end than the offset; the IETF protocol's client says itself when it is there.
    const record =
      dialect === 'tus'
        ? await at.uploads.settle(pipeline, id, owner, contextOf(request, new Map()))
        : await at.uploads.status(id, owner)
    const isFile = record.file !== undefined
    return { kind: 'status', view: viewOf(record, at), ...(isFile && { answer: answerOf(record) }) }
  }
  await at.uploads.terminate(id, owner)
  return { kind: 'terminated' }
}

async function create(
  exchange: Exchange,
  intent: CreateIntent,
  pipeline: ResumablePipeline,
  owner: string,
): Promise<Outcome> {
  const { request, at } = exchange
  const context = contextOf(request, intent.metadata)
  const { concat } = intent
  if (concat?.kind === 'final') {
    const record = await at.uploads.concat(pipeline, concat.parts, beginOf(intent, owner), context)
    return { kind: 'created', view: viewOf(record, at), withBody: false, answer: answerOf(record) }
  }
  const record = await at.uploads.begin(pipeline, beginOf(intent, owner), context)
  if (record.state === 'complete') return completed(record, true, at)
  const isAnnounced = exchange.announce(viewOf(record, at))
  try {
    const after = intent.withBody
      ? await at.uploads.append(pipeline, record.id, owner, bytesOf(exchange, intent, 0), context)
      : record
    if (after.state === 'complete') return completed(after, true, at)
    // The answer would go to nobody.
    if (request.signal?.aborted && !isAnnounced) throw new UploadError('aborted')
    return { kind: 'created', view: viewOf(after, at), withBody: intent.withBody }
  } catch (error) {
    // Nobody was told its URL, and a refusal does not tell it either: what came can never be continued.
    if (!isAnnounced) await at.uploads.terminate(record.id, owner).catch(() => {})
    throw error
  }
}

function beginOf(intent: CreateIntent, owner: string): BeginUpload {
  const { concat, length } = intent
  return {
    owner,
    filename: intent.name,
    type: intent.type,
    metadata: Object.fromEntries(intent.metadata),
    ...(length !== undefined && { length }),
    ...digestsOf(intent),
    ...(concat?.kind === 'partial' && { partial: true, concat: 'partial' }),
    ...(concat?.kind === 'final' && { concat: concat.field }),
  }
}

async function append(
  exchange: Exchange,
  intent: AppendIntent,
  id: string,
  pipeline: ResumablePipeline,
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
    cut: at.cut,
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

/** Getters of a Fetch `Request` do not survive a spread. */
function headOf({ method, url, headers, raw }: IncomingRequest): IncomingRequest {
  return { method, url, headers, body: null, ...(raw === undefined ? {} : { raw }) }
}
