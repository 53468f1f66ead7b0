/** Bodies, whichever way they come: pushed (Node bridge) or iterated (Fetch). */
import { UploadError } from '../sansio/errors.ts'
import type { ChunkSink, IncomingRequest, PushBody } from './request.ts'

type Body = NonNullable<IncomingRequest['body']>

/** What is thrown away after an answer that came before the body's end: enough for a browser, not for an attacker. */
export const drainBudget = { bytes: 64 * 1024 * 1024, ms: 30_000 } as const

/**
 * Feeds a body to a sink, chunk by chunk, waiting where the sink asks for it.
 * @throws UploadError `aborted` when the sender vanished; whatever the sink throws
 */
export function pushBody(body: Body | null, sink: ChunkSink): Promise<void> {
  if (body === null) return Promise.resolve()
  return isPushBody(body) ? body.push(sink) : pull(body, sink)
}

async function pull(body: Exclude<Body, PushBody>, sink: ChunkSink): Promise<void> {
  const iterator = iterate(body)
  try {
    while (true) {
      // Only a failure to read is the sender's; what the sink throws passes through as it is.
      const next = await iterator.next().catch((cause: unknown) => {
        throw new UploadError('aborted', undefined, { cause })
      })
      if (next.done) return
      const wait = sink(next.value)
      if (wait) await wait
    }
  } finally {
    await iterator.return?.().catch(() => {})
  }
}

/**
 * Reads and throws away what is left of a Fetch body, within the budget; then cancels it. Closing a connection with
 * unread bytes would hide our answer from Firefox and WebKit (RFC 9112 section 9.6). A pushed body is drained by the
 * bridge it came over.
 */
export async function drain(body: Body | null): Promise<void> {
  if (body === null || !('getReader' in body) || body.locked) return
  const reader = body.getReader()
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), drainBudget.ms)
  timer.unref()
  try {
    for (let left = drainBudget.bytes as number; left > 0; ) {
      const next = await reader.read()
      if (next.done) return
      left -= next.value.length
    }
    await reader.cancel()
  } catch {
    // The sender is gone: nothing is left to drain.
  } finally {
    clearTimeout(timer)
  }
}

function isPushBody(body: Body): body is PushBody {
  return 'push' in body && typeof body.push === 'function'
}

/** An iterator that does not cancel a stream when it is left: the rest is still to be drained. */
function iterate(body: Body): AsyncIterator<Uint8Array, undefined> {
  if ('values' in body) return body.values({ preventCancel: true })
  return body[Symbol.asyncIterator]()
}
