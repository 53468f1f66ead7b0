/** What a chunk means to the record of its upload. */
import { type Chunk, fitsFile, sameFile } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import { addRange, contiguousPrefix, covers } from '../sansio/resumable/ranges.ts'
import { recordFacts } from './chunk-sink.ts'
import { presentRanges, type ResumableRecord } from './resumable-record.ts'
import type { UploadedFile } from './types.ts'

/** Whether a chunk can be one of an upload, be it in chunks so far or not. */
export function mayJoin(record: ResumableRecord, chunk: Chunk): boolean {
  // Pieces of a concatenation, and the whole made of them, are none of a form's.
  if (record.concat !== undefined) return false
  if (record.chunk) return sameFile(record.chunk, chunk)
  return record.length === undefined ? record.offset <= chunk.count * chunk.chunkSize : fitsFile(chunk, record.length)
}

/** Whether all bytes of a chunk have come, from whichever wire. */
export function isThere(record: ResumableRecord, { index, count, offset, chunkSize }: Chunk): boolean {
  const end = index === count - 1 ? record.length : offset + chunkSize
  return record.state === 'complete' || (end !== undefined && covers(presentRanges(record), offset, end))
}

/** Adds what a chunk has brought. Throws `invalid-chunk` where it contradicts the others. */
export function addChunk(record: ResumableRecord, chunk: Chunk, size: number): void {
  const { index, count, offset } = chunk
  const present = addRange(presentRanges(record), offset, offset + size)
  if (index === count - 1) {
    const length = offset + size
    if ((record.length ?? length) !== length || (present.at(-1)?.[1] ?? 0) > length) {
      throw new UploadError('invalid-chunk')
    }
    record.length = length
  }
  record.chunk ??= chunk
  record.ranges = present
  record.offset = contiguousPrefix(present)
  if (record.writing) record.writing = record.writing.filter(other => other !== index)
}

/** The file that an upload has become; undefined while it is none. */
export function fileOf(record: ResumableRecord): UploadedFile | undefined {
  const facts = recordFacts(record)
  return record.file && { ...facts, originalName: facts.name, ...record.file }
}
