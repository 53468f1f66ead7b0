/** Takes the bytes of one request into an upload; whatever ends them, what came is kept, unless it has to be verified. */
import { UploadError } from '../sansio/errors.ts'
import { checkSize } from '../sansio/policy/policy.ts'
import type { Checksum } from '../sansio/resumable/intent.ts'
import { pushBody } from './body.ts'
import type { Cut } from './cut.ts'
import { fillHoles } from './fill.ts'
import { headJudge } from './head-judge.ts'
import { factsOf, type Pipeline, refuse, toUploadError } from './pipeline.ts'
import { Milestones } from './resumable-milestones.ts'
import { mostBytes, presentRanges, type ResumableRecord } from './resumable-record.ts'
import { type AppendBytes, type Hash, moveOffset, passing, type ResumableSettings } from './resumable-settings.ts'
import type { UploadContext } from './types.ts'
import { headSize, UploadWriter } from './writer.ts'

/** One request's work on one upload. The caller holds the upload's lock. */
export interface Reception {
  readonly settings: ResumableSettings
  readonly pipeline: Pipeline
  readonly record: ResumableRecord
  readonly bytes: AppendBytes
  readonly context: UploadContext
}

/**
 * Reads the body to its end, or until it is cut, for this request or by the caller. Moves the record's offset by what was
 * kept.
 * @throws UploadError also when bytes were kept
 */
export async function receiveBytes(at: Reception, contended: Cut): Promise<void> {
  const { settings, record, bytes } = at
  const { body, verify, cut } = bytes
  const base = record.offset
  const hashes = new Map(verify?.algorithms.map(algorithm => [algorithm, settings.createHash(algorithm)]))
  const milestones = new Milestones(at)
  const writer = writerOf(at, milestones)
  try {
    const reading = pushBody(body, chunk => {
      for (const hash of hashes.values()) hash.update(chunk)
      return writer.write(chunk)
    })
    await contended.before(cut ? cut.before(reading) : reading)
    await writer.end()
    await milestones.settle()
    if (verify) checkBytes(hashes, verify.expected())
  } catch (error) {
    const came = await writer.salvage()
    await milestones.settle().catch(() => {})
    if (!passing.has(toUploadError(error).code)) {
      await settings.storage.remove(record.id)
      throw error
    }
    if (!verify) await moveOffset(settings, record, base + came)
    throw error
  }
  await moveOffset(settings, record, base + writer.received)
  if (verify) await judgeStored(at)
}

/** Asks the policy and the app's own validator about the first bytes of a file. */
async function judgeHead(
  pipeline: Pipeline,
  record: ResumableRecord,
  head: Uint8Array,
  received: number,
  context: UploadContext,
): Promise<void> {
  const { field, filename, type } = record
  await headJudge(pipeline)?.(factsOf({ field, filename, type }, 0), head, received, context)
}

function writerOf(at: Reception, milestones: Milestones): UploadWriter {
  const { settings, pipeline, record, bytes } = at
  const { policy, messages } = pipeline
  const base = record.offset
  const present = presentRanges(record)
  const isTrusted = bytes.verify === undefined
  const target = {
    append: async (id: string, offset: number, spans: readonly Uint8Array[]) => {
      const end = spans.reduce((sum, span) => sum + span.length, base + offset)
      await milestones.beside(fillHoles(settings.storage, id, present, base + offset, spans))
      if (isTrusted) await milestones.reached(end)
    },
  }
  const wantsHead = isTrusted && isUnjudged(at) && base < headSize
  return new UploadWriter(record.id, target, {
    onBytes: (received, added) => {
      if (base + received > mostBytes(record)) throw new UploadError('length-exceeded')
      refuse(checkSize(policy, { size: base + received, final: false }, messages))
      if (!record.reserved) pipeline.account?.reserve(added)
    },
    onHead: wantsHead ? (head, received) => judge(at, base, head, received) : undefined,
  })
}

function isUnjudged({ pipeline, record }: Reception): boolean {
  return !record.partial && !record.judged && headJudge(pipeline) !== undefined
}

/** Whoever looks sees the first 4 KiB, from however many requests they came. */
async function judge(at: Reception, base: number, head: Uint8Array, received: number): Promise<void> {
  const { settings, pipeline, record, context } = at
  const total = base + received
  if (total < headSize && total !== record.length) return
  const before = base === 0 ? new Uint8Array() : await settings.storage.readAt(record.id, 0, base)
  const bytes = new Uint8Array(Math.min(headSize, total))
  bytes.set(before)
  bytes.set(head.subarray(0, bytes.length - before.length), before.length)
  await judgeHead(pipeline, record, bytes, total, context)
  record.judged = true
}

/** The same for bytes that had to be verified first: a damaged head must not condemn its file. */
async function judgeStored(at: Reception): Promise<void> {
  const { settings, pipeline, record, context } = at
  if (!isUnjudged(at) || record.offset < headSize) return
  try {
    const head = await settings.storage.readAt(record.id, 0, headSize)
    await judgeHead(pipeline, record, head, record.offset, context)
    record.judged = true
  } catch (error) {
    if (!passing.has(toUploadError(error).code)) await settings.storage.remove(record.id)
    throw error
  }
}

function checkBytes(hashes: ReadonlyMap<string, Hash>, { algorithm, digest }: Checksum): void {
  const found = hashes.get(algorithm)?.digest()
  if (!found) throw new UploadError('unknown-checksum-algorithm')
  if (found.length !== digest.length || found.some((byte, at) => byte !== digest[at])) {
    throw new UploadError('checksum-mismatch')
  }
}
