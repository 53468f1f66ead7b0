/** The end of an upload whose bytes are all there: check, commit, announce. */
import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import { UploadError } from '../sansio/errors.ts'
import { checkSize } from '../sansio/policy/policy.ts'
import type { ChecksumAlgorithm } from '../sansio/resumable/intent.ts'
import { headJudge } from './head-judge.ts'
import { inspect } from './inspect.ts'
import { factsOf, refuse, storedName, toUploadError, uploadedFile } from './pipeline.ts'
import type { ResumableStorage } from './ports.ts'
import { type FinishedFile, type ResumableRecord, writeRecord } from './resumable-record.ts'
import { moveOffset, passing, type ResumablePipeline, type ResumableSettings } from './resumable-settings.ts'
import type { UploadContext, UploadedFile } from './types.ts'
import { headSize } from './writer.ts'

/** Bytes per read when all of an upload is read again. */
const readSize = 1024 * 1024

/**
 * Makes the upload a file. A refusal of the file leaves nothing behind; trouble of the storage leaves all bytes, so
 * that the next request may try again. The caller holds the lock.
 */
export async function finishUpload(
  settings: ResumableSettings,
  pipeline: ResumablePipeline,
  record: ResumableRecord,
  context: UploadContext,
): Promise<void> {
  const { storage } = settings
  record.length = record.offset
  if (record.partial) return moveOffset(settings, record, record.offset)
  let isCounted = false
  try {
    await checkDigest(settings, record)
    refuse(checkSize(pipeline.policy, { size: record.offset, final: true }, pipeline.messages))
    await judgeWhole(storage, pipeline, record, context)
    if (record.want) record.told = { algorithm: record.want, base64url: await digestOf(settings, record, record.want) }
    pipeline.quota?.take()
    isCounted = true
    await commit(settings, pipeline, record, context)
  } catch (error) {
    if (isCounted) pipeline.quota?.giveBack()
    const mayRetry = record.state === 'open' && passing.has(toUploadError(error).code)
    if (!mayRetry) {
      await storage.remove(record.id).catch(cause => pipeline.warn(`A refused upload could not be removed: ${cause}`))
    }
    throw error
  }
}

/** Once more, and at the end: chunks may have come in any order, and a first piece may have been too short to tell. */
async function judgeWhole(
  storage: ResumableStorage,
  pipeline: ResumablePipeline,
  { id, offset, field, filename, type }: ResumableRecord,
  context: UploadContext,
): Promise<void> {
  const judge = headJudge(pipeline)
  const facts = factsOf({ field, filename, type }, 0)
  if (judge) await judge(facts, await storage.readAt(id, 0, Math.min(headSize, offset)), offset, context)
  await inspect(pipeline, storage, { id, facts, size: offset }, context)
}

async function checkDigest(settings: ResumableSettings, record: ResumableRecord): Promise<void> {
  const { digest } = record
  if (digest && (await digestOf(settings, record, digest.algorithm)) !== digest.base64url) {
    throw new UploadError('digest-mismatch')
  }
}

/** Reads all bytes again, since they may have come in any number of requests. */
async function digestOf(
  { storage, createHash }: ResumableSettings,
  { id, offset }: ResumableRecord,
  algorithm: ChecksumAlgorithm,
): Promise<string> {
  const hash = createHash(algorithm)
  for (let at = 0; at < offset; ) {
    const bytes = await storage.readAt(id, at, Math.min(readSize, offset - at))
    if (bytes.length === 0) throw new UploadError('storage-failed')
    hash.update(bytes)
    at += bytes.length
  }
  return encodeBase64Url(hash.digest())
}

async function commit(
  { storage, expiry }: ResumableSettings,
  pipeline: ResumablePipeline,
  record: ResumableRecord,
  context: UploadContext,
): Promise<void> {
  const { field, filename, type } = record
  const facts = factsOf({ field, filename, type }, 0)
  const name = await storedName(pipeline, facts, record.offset, context)
  const [stored] = await storage.commit([{ id: record.id, name, size: record.offset }])
  if (!stored) throw new UploadError('storage-failed')
  const file = uploadedFile(stored, facts)
  record.state = 'complete'
  record.file = finishedFile(file, pipeline.deleteUrl?.(file))
  record.touched = expiry.touch()
  // The file is whole and durable, so this is a success; the record serves only those who ask again.
  await storage
    .save(record.id, writeRecord(record))
    .catch(cause => pipeline.warn(`The record of a finished upload could not be saved: ${cause}`))
  try {
    await pipeline.onUploadFinish?.(file, context)
  } catch (error) {
    const gone = await pipeline.storage.delete?.(file.name, file.tag).catch(() => false)
    if (!gone) pipeline.warn(`onUploadFinish refused ${JSON.stringify(file.name)}, but the storage could not delete it`)
    throw error
  }
}

function finishedFile({ id, name, size, type, tag }: UploadedFile, deleteUrl: string | undefined): FinishedFile {
  return { id, name, size, type, ...(tag !== undefined && { tag }), ...(deleteUrl !== undefined && { deleteUrl }) }
}
