import { missing, type Range } from '../sansio/resumable/ranges.ts'
import type { ResumableStorage } from './ports.ts'

/**
 * Writes bytes where there are none yet. What is there was acknowledged: a later request, which may even be refused for
 * its checksum, must not change it.
 *
 * @param present what is there
 */
export async function fillHoles(
  storage: ResumableStorage,
  id: string,
  present: readonly Range[],
  offset: number,
  spans: readonly Uint8Array[],
): Promise<void> {
  const end = spans.reduce((sum, { length }) => sum + length, offset)
  for (const [from, to] of missing(present, offset, end)) {
    await storage.write(id, from, cutSpans(spans, from - offset, to - offset))
  }
}

/** The bytes from `start` up to `end` of all spans together, without a copy. */
function cutSpans(spans: readonly Uint8Array[], start: number, end: number): readonly Uint8Array[] {
  const cut: Uint8Array[] = []
  let at = 0
  for (const span of spans) {
    const piece = span.subarray(Math.max(0, start - at), Math.max(0, end - at))
    if (piece.length > 0) cut.push(piece)
    at += span.length
  }
  return cut
}
