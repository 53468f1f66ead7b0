import type { IncomingMessage } from 'node:http'
import { UploadError } from '../../sansio/errors.ts'
import { markDisposable } from '../../upload/disposable.ts'
import type { ChunkSink, PushBody } from '../../upload/request.ts'
import type { BridgeLimits } from './limits.ts'
import type { BodyGuard } from './linger.ts'
import { MinimumRate } from './minimum-rate.ts'

/**
 * A Node request body without copies and without an async iteration per chunk.
 *
 * Back-pressure: a chunk that comes while the sink's promise is pending waits here, and the request is paused, so the
 * kernel's window fills and the sender waits. When the sender vanishes while the sink is busy, `push` rejects as soon
 * as the sink is done (so nobody appends and removes at once); the request's `signal` aborts at once. A body that has
 * come whole by then counts as sent.
 */
export class NodeBody implements PushBody {
  readonly #req: IncomingMessage
  readonly #guard: BodyGuard
  readonly #limits: BridgeLimits
  #used: boolean

  /** @param consumed somebody has read the body before us: reading rejects with `body-consumed` */
  constructor(req: IncomingMessage, guard: BodyGuard, limits: BridgeLimits, consumed: boolean) {
    this.#req = req
    this.#guard = guard
    this.#limits = limits
    this.#used = consumed
  }

  push(sink: ChunkSink): Promise<void> {
    if (this.#used) return Promise.reject(new UploadError('body-consumed'))
    this.#used = true
    return new Promise((resolve, reject) => {
      pump(this.#req, this.#guard, this.#limits, sink, error => (error === undefined ? resolve() : reject(error)))
    })
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let chunk: Uint8Array | undefined
    let release = (_stop?: boolean): void => {}
    let wake = (): void => {}
    let ended = false
    const pushed = this.push(next => {
      chunk = next
      wake()
      return new Promise((resolve, reject) => {
        release = stop => (stop ? reject(new UploadError('aborted')) : resolve())
      })
    })
    const finished = pushed.finally(() => {
      ended = true
      wake()
    })
    finished.catch(() => {})
    try {
      while (!ended || chunk !== undefined) {
        if (chunk === undefined) await new Promise<void>(resolve => (wake = resolve))
        if (chunk === undefined) continue
        const current = chunk
        chunk = undefined
        yield current
        release()
      }
      await finished
    } finally {
      if (!ended) release(true)
    }
  }
}

type Settle = (error?: unknown) => void

/** Moves chunks from the request into the sink until the end, the first error, or the sender's disappearance. */
function pump(req: IncomingMessage, guard: BodyGuard, limits: BridgeLimits, sink: ChunkSink, settle: Settle): void {
  /** What came while the sink was busy. Node keeps to a pause, so this is one chunk. */
  const waiting: Uint8Array[] = []
  let busy = false
  let settled = false
  let ended = false
  let failure: unknown
  // Somebody who listens in may keep what he hears.
  const alone = req.listenerCount('data') === 0

  const rate = new MinimumRate(limits, () => {
    guard.tooSlow()
    finish(new UploadError('too-slow'))
  })

  const finish = (error?: unknown): void => {
    if (settled) return
    settled = true
    rate.stop()
    // After the end the request says nothing more that anybody would hear.
    if (!ended) req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
    if (error !== undefined) req.pause()
    guard.reading(undefined)
    settle(error)
  }

  const give = (chunk: Uint8Array): void => {
    try {
      const pending = sink(chunk)
      if (pending === undefined) return
      busy = true
      rate.hold()
      pending.then(onReady, finish)
    } catch (error) {
      finish(error)
    }
  }

  const onData = (chunk: Uint8Array): void => {
    guard.received += chunk.length
    rate.count(chunk.length)
    if (alone) markDisposable(chunk)
    if (busy) {
      // Only now: what is stored before the next chunk comes, as all of a small file is, costs no pause.
      waiting.push(chunk)
      req.pause()
    } else give(chunk)
  }

  const onReady = (): void => {
    busy = false
    rate.release()
    while (waiting.length > 0 && !busy && !settled && failure === undefined) give(waiting.shift() as Uint8Array)
    if (busy || settled) return
    if (ended || failure !== undefined) {
      finish(failure)
      return
    }
    req.resume()
  }

  // Node announces the end together with the last chunk, paused or not.
  const onEnd = (): void => {
    ended = true
    if (!busy) finish()
  }

  const onGone = (cause?: unknown): void => {
    if (ended) return
    failure ??= new UploadError('aborted', undefined, { cause: cause instanceof Error ? cause : undefined })
    if (!busy) finish(failure)
  }

  guard.reading(onGone)
  if (req.destroyed && !req.readableEnded) {
    finish(new UploadError('aborted'))
    return
  }
  req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  rate.start()
  req.resume()
}
