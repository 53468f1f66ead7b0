/** What the unfinished uploads of an owner take. */
import type { ResumableStorage } from './ports.ts'
import { presentRanges, type ResumableRecord, readRecord } from './resumable-record.ts'

/** The length of each, where it is known; else what came of it. */
export async function unfinishedBytes(storage: ResumableStorage, owner: string): Promise<number> {
  let bytes = 0
  for await (const { record: text } of storage.records()) {
    const record = readRecord(text)
    // A piece of a concatenation keeps its bytes after its end.
    if (record?.owner === owner && (record.state !== 'complete' || record.partial)) bytes += bytesOf(record)
  }
  return bytes
}

function bytesOf(record: ResumableRecord): number {
  return record.length ?? presentRanges(record).reduce((sum, [start, end]) => sum + end - start, 0)
}
