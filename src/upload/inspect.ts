/** Those who look through a whole file: after its last byte, and before anybody else can see it. */
import { type FileFacts, isUploadError, UploadError } from '../sansio/errors.ts'
import type { Pipeline } from './pipeline.ts'
import type { InspectedFile, Inspector, UploadContext } from './types.ts'

/** Milliseconds that an inspector has for one file if it does not say otherwise. */
const defaultTimeLimit = 5_000

/** Bytes of one piece of a stream. */
const pieceSize = 1024 * 1024

/** A finished upload that is no file yet. */
interface WholeUpload {
  readonly id: string
  readonly facts: FileFacts
  readonly size: number
}

/** What can read it. */
interface Source {
  readAt?(id: string, offset: number, length: number): Promise<Uint8Array>
}

/**
 * Asks all inspectors, one after another. Fails closed.
 * @throws UploadError what an inspector refuses with; `check-failed` when it fails or takes too long
 */
export async function inspect(
  { inspectors }: Pick<Pipeline, 'inspectors'>,
  source: Source,
  { id, facts, size }: WholeUpload,
  context: UploadContext,
): Promise<void> {
  if (inspectors.length === 0) return
  if (!source.readAt) throw failed(new Error('the storage cannot read an unfinished upload (readAt)'))
  const read = async (offset: number, length: number) => {
    const from = Math.max(0, offset)
    const wanted = Math.min(length, size - from)
    return wanted > 0 ? (source as Required<Source>).readAt(id, from, wanted) : new Uint8Array()
  }
  const file: InspectedFile = { ...facts, size, read, stream: () => pieces(read, size) }
  for (const inspector of inspectors) await ask(inspector, file, context)
}

async function ask(inspector: Inspector, file: InspectedFile, context: UploadContext): Promise<void> {
  const limit = inspector.timeLimit ?? defaultTimeLimit
  const clock = new AbortController()
  const late = new Promise<never>((_resolve, reject) => {
    clock.signal.addEventListener('abort', () => reject(new Error(`an inspector took longer than ${limit} ms`)))
  })
  late.catch(() => {})
  const timer = setTimeout(() => clock.abort(), limit)
  try {
    const asked = Promise.resolve(inspector.inspect(file, { ...context, signal: clock.signal }))
    await Promise.race([asked, late])
  } catch (error) {
    throw isUploadError(error) ? error : failed(error)
  } finally {
    clearTimeout(timer)
  }
}

async function* pieces(read: InspectedFile['read'], size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < size; ) {
    const piece = await read(offset, pieceSize)
    if (piece.length === 0) throw new UploadError('storage-failed')
    yield piece
    offset += piece.length
  }
}

function failed(cause: unknown): UploadError {
  return new UploadError('check-failed', undefined, { cause })
}
