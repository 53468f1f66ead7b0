import { isUploadError, type UploadErrorCode } from '../../../../src/sansio/errors.ts'
import {
  type MultipartLimits,
  MultipartParser,
  type MultipartTools,
  type PartHead,
} from '../../../../src/sansio/multipart/parser.ts'
import type { BodyFixture } from '../../../bodies/index.ts'

/** The events of a body with the `data` of a part joined; `content` is latin1, so that every byte can be compared. */
export type Joined =
  | { part: { name: string; filename: string | undefined; type: string }; content: string; ended: boolean }
  | 'end'

/** What became of a body. */
export interface Outcome {
  readonly events: readonly Joined[]
  readonly error?: UploadErrorCode
}

export interface FeedOptions {
  readonly limits?: Partial<MultipartLimits> | undefined
  readonly tools?: MultipartTools | undefined
}

/** Feeds the chunks; each one is overwritten after it has been read out, as a server with one buffer does. */
export function feed(boundary: string, chunks: Iterable<Uint8Array>, options: FeedOptions = {}): Outcome {
  const events: Joined[] = []
  try {
    const { limits, tools } = options
    const parser = new MultipartParser(boundary, { ...(limits && { limits }), ...(tools && { tools }) })
    for (const bytes of chunks) {
      const chunk = Uint8Array.from(bytes)
      parser.push(chunk)
      for (let event = parser.read(); event; event = parser.read()) {
        if (event.type === 'end') events.push('end')
        else if (event.type === 'part') events.push({ part: facts(event.part), content: '', ended: false })
        else {
          const part = events.at(-1)
          if (typeof part !== 'object' || part.ended) throw new Error(`${event.type} outside of a part`)
          if (event.type === 'part-end') part.ended = true
          else if (event.bytes.length === 0) throw new Error('an empty span')
          else part.content += Buffer.from(event.bytes).toString('latin1')
        }
      }
      chunk.fill(0x2a)
    }
    parser.end()
    return { events }
  } catch (error) {
    if (!isUploadError(error)) throw error
    return { events, error: error.code }
  }
}

/** The outcome a fixture asks for; undefined where only the error counts. */
export function expectedOutcome({ expected }: BodyFixture): Outcome | UploadErrorCode {
  if (typeof expected === 'string') return expected
  const events = expected.map(({ name, filename, type = '', content }) => ({
    part: { name, filename, type },
    content: Buffer.from(content).toString('latin1'),
    ended: true,
  }))
  return { events: [...events, 'end'] }
}

/** Every byte on its own. */
export function* byteByByte(body: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < body.length; i++) yield body.subarray(i, i + 1)
}

/** Chunks of one size. */
export function* inChunks(body: Uint8Array, size: number): Generator<Uint8Array> {
  for (let i = 0; i < body.length; i += size) yield body.subarray(i, i + size)
}

function facts(part: PartHead) {
  return { name: part.name, filename: part.filename, type: part.type }
}
