/** Where the bytes of one of Dropzone's chunks go. */
import type { Chunk } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import { checkSize } from '../sansio/policy/policy.ts'
import { fillHoles } from './fill.ts'
import { headJudge } from './head-judge.ts'
import type { FileSink } from './parts.ts'
import { factsOf, type Pipeline, refuse } from './pipeline.ts'
import type { ResumableStorage } from './ports.ts'
import { presentRanges, type ResumableRecord } from './resumable-record.ts'
import type { FileFacts, UploadContext } from './types.ts'
import { headSize, UploadWriter } from './writer.ts'

/** Takes the bytes of one chunk. */
export interface ChunkSink extends FileSink {
  /** Bytes so far. */
  readonly received: number
  /** Takes nothing more; what is being written may still end. */
  cancel(): void
  /** Waits for what is being written. */
  settle(): Promise<void>
}

/** One chunk in one request. */
export interface ChunkReception {
  readonly owner: string
  readonly pipeline: Pipeline
  readonly context: UploadContext
  readonly chunk: Chunk
  /** Of the upload. */
  readonly id: string
}

/** Writes a chunk at its place; what tus or the IETF protocol have brought of it stays. */
export function writingSink(at: ChunkReception, record: ResumableRecord, storage: ResumableStorage): ChunkSink {
  const { chunk, pipeline, context, id } = at
  const { policy, messages } = pipeline
  const judge = chunk.index === 0 ? headJudge(pipeline) : undefined
  const present = presentRanges(record)
  const target = {
    append: (_id: string, offset: number, spans: readonly Uint8Array[]) =>
      fillHoles(storage, id, present, chunk.offset + offset, spans),
  }
  return new UploadWriter(id, target, {
    onBytes: (received, added) => {
      if (received > chunk.chunkSize) throw new UploadError('invalid-chunk')
      refuse(checkSize(policy, { size: chunk.offset + received, final: false, expected: chunk.totalSize }, messages))
      if (!record.reserved) pipeline.account?.reserve(added)
    },
    // A first chunk that is too short to tell waits for the others: all are judged at the end.
    onHead:
      judge &&
      (async (head, received) => {
        if (received >= headSize || chunk.count === 1) await judge(recordFacts(record), head, received, context)
      }),
  })
}

/** For a chunk that is there already: the same bytes are welcome, others are not. */
export function comparingSink(
  { chunk, id }: ChunkReception,
  record: ResumableRecord,
  storage: ResumableStorage,
): ChunkSink {
  let received = 0
  return {
    get received() {
      return received
    },
    write: async span => {
      const place = chunk.offset + received
      received += span.length
      // Of a finished upload only the record is left: its bytes are a file, and the answer is the same again.
      if (record.state === 'complete') return
      const stored = await storage.readAt(id, place, span.length)
      if (stored.length !== span.length || stored.some((byte, i) => byte !== span[i])) {
        throw new UploadError('chunk-conflict')
      }
    },
    end: async () => {},
    cancel: () => {},
    settle: async () => {},
  }
}

/** What is known of the file that the chunks are of. */
export function recordFacts({ field, filename, type }: ResumableRecord): FileFacts {
  return factsOf({ field, filename, type }, 0)
}
