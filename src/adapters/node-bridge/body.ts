import type { IncomingMessage } from 'node:http'
import { UploadError } from '../../sansio/errors.ts'
import { markDisposable, worthFreeing } from '../../upload/disposable.ts'
import type { ChunkSink, PushBody } from '../../upload/request.ts'
import type { BridgeLimits } from './limits.ts'
import type { BodyGuard, BodyReader } from './linger.ts'
import { MinimumRate, type Watched } from './minimum-rate.ts'
import { endWithOthers } from './turn.ts'

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
      new Pump(this.#req, this.#guard, this.#limits, sink, resolve, reject).start()
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

/** Moves chunks from the request into the sink until the end, the first error, or the sender's disappearance. */
class Pump implements BodyReader, Watched {
  readonly #req: IncomingMessage
  readonly #guard: BodyGuard
  readonly #sink: ChunkSink
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  readonly #rate: MinimumRate
  /** Nobody listens in, who may keep what he hears. */
  readonly #alone: boolean
  /** What came while the sink was busy. Node keeps to a pause, so this is one chunk. */
  #waiting: Uint8Array[] | undefined
  /** The last chunk, held back for a moment. */
  #held: Uint8Array | undefined
  #busy = false
  #settled = false
  #ended = false
  #failure: unknown

  constructor(
    req: IncomingMessage,
    guard: BodyGuard,
    limits: BridgeLimits,
    sink: ChunkSink,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.#req = req
    this.#guard = guard
    this.#sink = sink
    this.#resolve = resolve
    this.#reject = reject
    this.#rate = new MinimumRate(limits, this)
    this.#alone = req.listenerCount('data') === 0
  }

  start(): void {
    const req = this.#req
    this.#guard.startReading(this)
    if (req.destroyed && !req.readableEnded) {
      this.#finish(new UploadError('aborted'))
      return
    }
    req.on('data', this.#onData).on('end', this.#onEnd)
    this.#rate.start()
    req.resume()
  }

  gone(): void {
    if (this.#ended) return
    this.#failure ??= new UploadError('aborted')
    if (!this.#busy) this.#finish(this.#failure)
  }

  tooSlow(): void {
    this.#guard.tooSlow()
    this.#finish(new UploadError('too-slow'))
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#guard.received += chunk.length
    this.#rate.count(chunk.length)
    if (this.#alone && this.#guard.received >= worthFreeing) markDisposable(chunk)
    if (this.#busy) {
      // Only now: what is stored before the next chunk comes, as all of a small file is, costs no pause.
      this.#waiting ??= []
      this.#waiting.push(chunk)
      this.#req.pause()
    } else if (this.#guard.hasCome) this.#hold(chunk)
    else this.#give(chunk)
  }

  // Node announces the end together with the last chunk, paused or not.
  readonly #onEnd = (): void => {
    this.#ended = true
    if (!this.#busy) this.#finish()
  }

  /** The last chunk, with which most files are stored: so are those of the other requests that end in this turn. */
  #hold(chunk: Uint8Array): void {
    this.#held = chunk
    this.#busy = true
    this.#rate.hold()
    endWithOthers(() => this.#goOn())
  }

  #give(chunk: Uint8Array): void {
    try {
      const pending = this.#sink(chunk)
      if (pending === undefined) return
      this.#busy = true
      this.#rate.hold()
      pending.then(
        () => this.#goOn(),
        error => this.#finish(error),
      )
    } catch (error) {
      this.#finish(error)
    }
  }

  /** The sink takes more. */
  #goOn(): void {
    this.#busy = false
    this.#rate.release()
    for (let chunk = this.#next(); chunk; chunk = this.#next()) this.#give(chunk)
    if (this.#busy || this.#settled) return
    if (this.#ended || this.#failure !== undefined) this.#finish(this.#failure)
    else this.#req.resume()
  }

  /** What waits, if it is its turn. */
  #next(): Uint8Array | undefined {
    if (this.#busy || this.#settled || this.#failure !== undefined) return undefined
    const held = this.#held
    this.#held = undefined
    return held ?? this.#waiting?.shift()
  }

  #finish(error?: unknown): void {
    if (this.#settled) return
    this.#settled = true
    this.#rate.stop()
    // After the end, too: the request's table of listeners may be among the old objects (decisions/0019).
    this.#req.off('data', this.#onData).off('end', this.#onEnd)
    if (error !== undefined) this.#req.pause()
    this.#guard.stopReading()
    if (error === undefined) this.#resolve()
    else this.#reject(error)
  }
}
