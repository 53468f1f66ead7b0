/** A small engine by hand: what the bridge needs of `Uploads`, so that it is tested apart from the real one. */
import { isUploadError, UploadError } from '../../../src/sansio/errors.ts'
import type { Uploads } from '../../../src/server/types.ts'
import type { IncomingRequest, PushBody, RequestContext } from '../../../src/upload/request.ts'

/** What happened to one request. */
export interface Seen {
  readonly request: IncomingRequest
  readonly context: RequestContext
  bytes: number
  /** How reading ended: undefined while it runs. */
  outcome?: 'read' | unknown
  abortedAt?: number
  rejectedAt?: number
}

export interface SmallEngine extends Uploads {
  readonly seen: Seen[]
}

type Answerer = (request: IncomingRequest, read: () => Promise<number>, seen: Seen) => Promise<Response> | Response

/** Default: reads all and says how many bytes came. */
export function smallEngine(
  answerer: Answerer = async (_, read) => Response.json({ bytes: await read() }),
): SmallEngine {
  const seen: Seen[] = []
  const errorResponse = (error: unknown) => {
    const known = isUploadError(error) ? error : new UploadError('internal')
    return new Response(known.message, {
      status: known.status,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    })
  }
  const engine = {
    path: '/uploads',
    seen,
    matches: ({ url }: { url: string }) => /^(?:https?:\/\/[^/]*)?\/uploads(?:[/?#]|$)/.test(url),
    async handle(request: IncomingRequest, context: RequestContext = {}) {
      const entry: Seen = { request, context, bytes: 0 }
      seen.push(entry)
      request.signal?.addEventListener('abort', () => (entry.abortedAt = performance.now()))
      try {
        if (!engine.matches(request)) throw new UploadError('not-found')
        if (context.bodyConsumed) throw new UploadError('body-consumed')
        return await answerer(request, () => readAll(request, entry), entry)
      } catch (error) {
        return errorResponse(error)
      }
    },
    /** Adapters write a `Response` as well. */
    answer: (request: IncomingRequest, context?: RequestContext) => engine.handle(request, context),
    errorResponse,
    close: async () => {},
    prepare: async () => {},
  }
  return engine as unknown as SmallEngine
}

/** Reads the body as the engine does, by `push`. */
export async function readAll(request: IncomingRequest, entry: Seen): Promise<number> {
  try {
    await (request.body as PushBody | null)?.push(chunk => {
      entry.bytes += chunk.length
      return undefined
    })
    entry.outcome = 'read'
  } catch (error) {
    entry.outcome = error
    entry.rejectedAt = performance.now()
    throw error
  }
  return entry.bytes
}
