/** What uploads over several requests are made of, and the words of their service. */
import type { UploadErrorCode } from '../sansio/errors.ts'
import type { Checksum, ChecksumAlgorithm } from '../sansio/resumable/intent.ts'
import { addRange, contiguousPrefix } from '../sansio/resumable/ranges.ts'
import type { Cut } from './cut.ts'
import type { Expiry } from './expiry.ts'
import type { Pipeline } from './pipeline.ts'
import type { Locker, ResumableStorage } from './ports.ts'
import type { IncomingRequest } from './request.ts'
import { presentRanges, type ResumableRecord, writeRecord } from './resumable-record.ts'
import type { UploadedFile } from './types.ts'

/** What the sender says when an upload begins. */
export interface BeginUpload {
  readonly owner: string
  readonly field?: string
  /** As it came, uncleaned. */
  readonly filename: string
  readonly type: string
  readonly length?: number
  readonly metadata?: Readonly<Record<string, string>>
  /** A piece of a later concatenation: no policy on name and type, never a file of its own. */
  readonly partial?: boolean
  /** The concatenation as it was asked for, to be told again. */
  readonly concat?: string
  /** Of all bytes; checked before the upload becomes a file. */
  readonly digest?: Checksum
  /** The digest of all bytes the sender wants to be told with the final answer. */
  readonly want?: ChecksumAlgorithm
}

/** Judges the bytes of one request before they count. */
export interface Verification {
  /** Those the checksum may be of; all are computed on the way. */
  readonly algorithms: readonly ChecksumAlgorithm[]
  /** Asked when the body has ended: a trailer is known only then. Throws when there is none after all. */
  readonly expected: () => Checksum
}

/** Bytes to be added. */
export interface AppendBytes {
  /** Must be the upload's own offset. */
  readonly offset: number
  /** Total length, if it is said only now. */
  readonly length?: number
  /** Bytes of the body, if they are known before it is read. */
  readonly bodyLength?: number
  /** With these bytes the upload is complete, for wires that say so; others go by the length. */
  readonly complete?: boolean
  readonly body: IncomingRequest['body']
  /** A rejection drops the bytes of this request and leaves the offset. */
  readonly verify?: Verification
  /** As in {@link BeginUpload}, where they are said only now. */
  readonly digest?: Checksum
  readonly want?: ChecksumAlgorithm
  /** Told each offset that has become durable on the way. */
  readonly onProgress?: (offset: number) => void
  /** Ends the request early; what came is kept. */
  readonly cut?: Cut
}

/** A running hash (`node:crypto` has one). */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** What the service is made of, beside the pipeline. */
export interface ResumableSettings {
  readonly storage: ResumableStorage
  readonly locker: Locker
  readonly createHash: (algorithm: ChecksumAlgorithm) => Hash
  readonly expiry: Expiry
}

/** A pipeline whose files may outlive the request that finishes them: their answer is kept with them. */
export interface ResumablePipeline extends Pipeline {
  /** Where the sender may delete a file again; undefined where that is off. */
  readonly deleteUrl?: (file: UploadedFile) => string | undefined
}

/** Refusals that say nothing about the upload: what came of it before is kept, and it may go on. */
export const passing: ReadonlySet<UploadErrorCode> = new Set([
  'aborted',
  'continued-elsewhere',
  'too-slow',
  'length-exceeded',
  'inconsistent-length',
  'checksum-mismatch',
  'invalid-checksum',
  'unknown-checksum-algorithm',
  'storage-full',
  'storage-failed',
  'server-busy',
  'scanner-unavailable',
  'shutting-down',
])

/**
 * Makes all bytes up to an offset count, and the upload's life longer. Its own offset may go further, over what chunks
 * had brought before; it never falls.
 */
export async function moveOffset(settings: ResumableSettings, record: ResumableRecord, offset: number): Promise<void> {
  const { storage, expiry } = settings
  const present = addRange(presentRanges(record), 0, offset)
  record.offset = contiguousPrefix(present)
  if (record.ranges) record.ranges = present
  record.touched = expiry.touch()
  await storage.save(record.id, writeRecord(record))
}
