/** When an upload is whole, by whichever of its wires. */
import { fitsFile } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import { presentRanges, type ResumableRecord } from './resumable-record.ts'

/** Whether the upload may turn out to have `length` bytes: none that came lies beyond, and its chunks can make them. */
export function mayMeasure(record: ResumableRecord, length: number): boolean {
  const { chunk } = record
  return (presentRanges(record).at(-1)?.[1] ?? 0) <= length && (!chunk || fitsFile(chunk, length))
}

/**
 * Whether these were the last bytes missing.
 * @param isLast what the sender says, if its wire has a word for it. Whoever sends chunks has none, so all is all there.
 * @throws UploadError `inconsistent-length` when they can not have been the last
 */
export function isWhole(record: ResumableRecord, isLast: boolean | undefined): boolean {
  const { offset, length, chunk } = record
  if (offset === length && (chunk || isLast === undefined)) return true
  if (!isLast) return false
  if ((length !== undefined && length !== offset) || !mayMeasure(record, offset)) {
    throw new UploadError('inconsistent-length')
  }
  return true
}
