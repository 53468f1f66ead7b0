/** Writing spans: batches of at most 1 MiB, short writes continued. */
import type { FileHandle } from 'node:fs/promises'

/** Bytes per write. Larger ones were measured to be slower on ext4, and they hold one of the few pool threads longer. */
export const maxWriteBytes = 1024 * 1024

/** Spans per write: the smallest IOV_MAX in use (Linux, macOS: 1024). */
const maxWriteSpans = 1024

/**
 * Writes all of the spans, one batch in flight.
 *
 * @param position offset in the file, in bytes
 */
export async function writeSpans(handle: FileHandle, spans: readonly Uint8Array[], position: number): Promise<void> {
  let rest = spans.filter(span => span.byteLength > 0)
  let at = position
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(firstBatch(rest), at)
    if (bytesWritten === 0) throw new Error('The file system accepted no byte')
    at += bytesWritten
    rest = without(rest, bytesWritten)
  }
}

/** The first spans that make at most {@link maxWriteBytes}; the last one is cut if need be. Copies no bytes. */
export function firstBatch(spans: readonly Uint8Array[]): Uint8Array[] {
  const batch: Uint8Array[] = []
  let room = maxWriteBytes
  for (const span of spans) {
    if (room === 0 || batch.length === maxWriteSpans) break
    const piece = span.byteLength > room ? span.subarray(0, room) : span
    batch.push(piece)
    room -= piece.byteLength
  }
  return batch
}

/** What is left of the spans after their first `count` bytes. */
export function without(spans: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  let index = 0
  for (let span = spans[0]; span && span.byteLength <= skip; span = spans[index]) {
    skip -= span.byteLength
    index++
  }
  const [first, ...others] = spans.slice(index)
  return first ? [first.subarray(skip), ...others] : []
}
