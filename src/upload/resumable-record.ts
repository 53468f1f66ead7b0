/** What is remembered of an upload that outlives its request: plain data, written down as JSON by the storage. */
import type { Chunk } from '../sansio/dropzone/chunk.ts'
import type { ChecksumAlgorithm } from '../sansio/resumable/intent.ts'
import { addRange, type Range } from '../sansio/resumable/ranges.ts'

/** A digest as JSON can hold it. */
export interface RecordedDigest {
  readonly algorithm: ChecksumAlgorithm
  readonly base64url: string
}

/** When, and by whom, an upload was last used. */
export interface Touch {
  /** The process, which alone can make something of `steady`. */
  readonly by: string
  /** Milliseconds of its steady clock. */
  readonly steady: number
  /** Milliseconds since 1970 by the wall clock, which may have been wrong. */
  readonly wall: number
  /** Not used, but found by a sweep that thought it had expired. */
  readonly notice?: true
}

/** One upload over several requests. */
export interface ResumableRecord {
  readonly version: 2
  readonly id: string
  /** Whose it is; nobody else gets to know that it is there. */
  readonly owner: string
  /** The form field, `''` outside forms. */
  readonly field: string
  /** As it came, uncleaned. */
  readonly filename: string
  readonly type: string
  /** Total bytes, once known. */
  length?: number
  /** Bytes from the start that were acknowledged; it never falls. */
  offset: number
  /** The length was known when it began, and all of it was set aside in the sender's quota. */
  readonly reserved?: true
  /** What Dropzone's chunks of this file have in common, once one came. */
  chunk?: Chunk
  /** All that has come, where chunks brought some of it out of order; without it, what is before `offset`. */
  ranges?: readonly Range[]
  /**
   * Chunks whose bytes are being written without the upload's lock, each under its own claim. Those of requests that
   * failed stay in it until their chunk has come.
   */
  writing?: readonly number[]
  /** What the protocol echoes (tus: the metadata as it came). */
  readonly metadata: Readonly<Record<string, string>>
  /** The form's fields before the file. */
  readonly fields: readonly (readonly [string, string])[]
  /** A piece of a later concatenation: no policy on name and type, never a file of its own. */
  readonly partial?: true
  /** The concatenation it is part of or the result of, as it was asked for. */
  readonly concat?: string
  /** The digest of all bytes that the sender announced: checked before the upload becomes a file. */
  digest?: RecordedDigest
  /** The digest of all bytes the sender wants to be told at the end, and, once it is a file, that digest. */
  want?: ChecksumAlgorithm
  told?: RecordedDigest
  /** Whether own validators have seen the first bytes. */
  judged?: true
  state: 'open' | 'finishing' | 'complete'
  /** The final answer, kept so that a repeated last request gets it again. */
  file?: FinishedFile
  touched: Touch
  /** A client was told that it has expired. */
  gone?: true
}

/** What is told of the file that an upload has become. */
export interface FinishedFile {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly type: string
  /** Tells this very file from a later one of the same name. */
  readonly tag?: string
  /** Where whoever sent it may delete it again. */
  readonly deleteUrl?: string
}

/** All bytes that count. */
export function presentRanges({ ranges = [], offset }: ResumableRecord): readonly Range[] {
  return addRange(ranges, 0, offset)
}

/** The most bytes that the upload may still turn out to have. */
export function mostBytes({ length, chunk }: ResumableRecord): number {
  return length ?? (chunk ? chunk.count * chunk.chunkSize : Number.POSITIVE_INFINITY)
}

/** The record as text. */
export function writeRecord(record: ResumableRecord): string {
  return JSON.stringify(record)
}

/** The record of a text; undefined for what is none of ours. */
export function readRecord(text: string | undefined): ResumableRecord | undefined {
  if (text === undefined) return undefined
  try {
    const record = JSON.parse(text) as ResumableRecord
    return record.version === 2 ? record : undefined
  } catch {
    return undefined
  }
}
