/**
 * What becomes of a body that nobody reads to its end.
 *
 * Closing a connection with unread bytes makes the kernel send a reset, and the reset overtakes the answer: Firefox,
 * WebKit and every client that writes before it reads then never show the sentence (RFC 9112 section 9.6). So after
 * the answer we keep reading and throwing away, within a budget; then we half-close, wait for a moment, and cut. Who must
 * not be answered while it sends (late-answer.ts) gets the answer after that budget's worth of reading, not before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { BridgeLimits } from './limits.ts'

/** RFC 9113 section 8.1: a whole answer, then RST_STREAM with NO_ERROR, asks the client to stop sending. */
const noError = 0

/** Who reads a body. */
export interface BodyReader {
  /** No more of it will come. */
  gone(): void
}

/** What is known of a connection, however many requests come over it. */
interface Connection {
  /** Of the request that is being answered. */
  guard: BodyGuard
  /** Nearly always one, therefore no set. */
  readers: readonly BodyReader[]
}

const connections = new WeakMap<Socket, Connection>()

/** Owns the unread rest of one request. */
export class BodyGuard {
  readonly #req: IncomingMessage
  readonly #answer: Writable
  readonly #socket: Socket
  readonly #limits: BridgeLimits
  readonly #expected: number
  readonly #connection: Connection | undefined
  #reader: BodyReader | undefined
  /** Somebody waits with the answer until the body has come. */
  #onRest: (() => void) | undefined
  /** Bytes handed to a reader so far. */
  received = 0
  #thrownAway = 0
  #answered = false
  #state: 'idle' | 'draining' | 'lingering' | 'over' = 'idle'
  #maxMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(req: IncomingMessage, res: ServerResponse, limits: BridgeLimits) {
    this.#req = req
    this.#answer = streamOf(req) ?? res
    this.#socket = req.socket
    this.#limits = limits
    this.#maxMs = limits.drainMs
    this.#expected = Number(req.headers['content-length'] ?? 0)
    // A late reset on either of them is news for nobody, and without a listener it would end the process.
    req.on('error', ignore)
    res.on('error', ignore)
    if (!hasBody(req)) {
      this.#state = 'over'
      return
    }
    // HTTP/2 streams share one socket, and tell of their ends themselves; an unread one closes only when we let it. On
    // HTTP/1 `finish` has a listener already, and an array of two may be among the old objects (decisions/0019).
    this.#answer.on(this.#http2 ? 'finish' : 'close', () => this.answered())
    if (!this.#http2) this.#connection = connectionOf(this.#socket, this)
  }

  /** Whether bytes of this request are still to come. */
  get unread(): boolean {
    return this.#state !== 'over' && !this.#req.complete && !this.#req.destroyed
  }

  /** Whether a reader has all of a body whose length was announced. */
  get hasCome(): boolean {
    return this.received === this.#expected
  }

  get #http2(): boolean {
    return this.#req.httpVersionMajor >= 2
  }

  /** Whether the rest is known to be longer than we shall read. */
  get hopeless(): boolean {
    return this.unread && this.#expected - this.received > this.#limits.drainBytes
  }

  /**
   * A reader begins; while it is at work nothing is thrown away. It is told when the connection is gone, or the stream
   * of HTTP/2: once the answer is out Node no longer tells the request.
   */
  startReading(reader: BodyReader): void {
    this.#reader = reader
    if (this.#connection) this.#connection.readers = this.#connection.readers.concat(reader)
    else this.#req.on('close', () => reader.gone())
  }

  /** The reader has stopped. */
  stopReading(): void {
    const connection = this.#connection
    if (connection) connection.readers = connection.readers.filter(reader => reader !== this.#reader)
    this.#reader = undefined
    if (this.#answered) this.#drain()
  }

  /** The sender was too slow: it does not get the whole time again. */
  tooSlow(): void {
    this.#maxMs = Math.min(this.#maxMs, this.#limits.lingerMs)
  }

  /** The answer is on its way: what is not being read from here on is thrown away. */
  answered(): void {
    this.#answered = true
    if (!this.#reader) this.#drain()
  }

  /** Before the answer: resolves when the rest has been thrown away, or as much of it as we read at all. */
  untilThrownAway(): Promise<void> {
    return new Promise(resolve => {
      if (this.#state === 'lingering') return resolve()
      this.#onRest = resolve
      this.answered()
    })
  }

  /** Takes the place of `socket.destroySoon()` while the body is unread: ends our side, keeps reading. */
  close(): void {
    this.#socket.end()
    this.answered()
  }

  #drain(): void {
    if (this.#state !== 'idle') return
    if (this.#req.readableEnded || this.#req.destroyed) {
      this.#over()
      return
    }
    if (this.#http2 && !this.#onRest) {
      this.#whenFinished(() => this.#resetStream())
      return
    }
    this.#state = 'draining'
    const discard = (chunk: Uint8Array) => this.#discard(chunk)
    const over = () => {
      this.#req.off('data', discard).off('end', over).off('timeout', ignore)
      this.#socket.off('close', over)
      this.#over()
    }
    // Node starts the keep-alive timer with the end of the answer; somebody listening here keeps it from cutting us.
    this.#req.on('data', discard).on('end', over).on('timeout', ignore)
    this.#socket.on('close', over)
    this.#timer = setTimeout(() => this.#giveUp(), this.#maxMs)
    this.#req.resume()
  }

  #discard(chunk: Uint8Array): void {
    this.#thrownAway += chunk.length
    if (this.#thrownAway <= this.#limits.drainBytes) return
    this.#giveUp()
    // However fast the sender is, nothing beyond the budget is read: the kernel's window fills, and it waits.
    this.#req.pause()
  }

  #giveUp(): void {
    if (this.#state !== 'draining') return
    this.#state = 'lingering'
    clearTimeout(this.#timer)
    this.#onRest?.()
    if (!this.#answer.writableFinished) this.#req.pause()
    this.#whenFinished(() => {
      if (this.#http2) return this.#resetStream()
      this.#socket.end()
      this.#timer = setTimeout(() => this.#socket.destroy(), this.#limits.lingerMs)
      this.#req.resume()
    })
  }

  #over(): void {
    const closing = !this.#http2 && (this.#state === 'lingering' || this.#socket.writableEnded)
    this.#state = 'over'
    clearTimeout(this.#timer)
    this.#onRest?.()
    if (closing) this.#socket.destroySoon()
  }

  #resetStream(): void {
    this.#state = 'over'
    const stream = streamOf(this.#req)
    if (!stream || stream.destroyed) return
    stream.close(noError)
    // What had arrived goes, too; a paused stream would never be freed.
    this.#req.resume()
  }

  #whenFinished(then: () => void): void {
    if (this.#answer.writableFinished) then()
    else this.#answer.once('finish', then)
  }
}

/** Whether the head announces a body. */
export function hasBody(req: IncomingMessage): boolean {
  const stream = streamOf(req)
  if (stream) return !stream.endAfterHeaders
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0)
}

/** The stream of an HTTP/2 request. Its response says `finish` only when the client has closed, the stream in time. */
function streamOf(req: IncomingMessage): ServerHttp2Stream | undefined {
  return req.httpVersionMajor < 2 ? undefined : (req as { stream?: ServerHttp2Stream }).stream
}

/**
 * The connection of a request, with its guard in charge. At its first request Node's own close after the last answer
 * (`Connection: close`, HTTP/1.0) is made a lingering one, whoever answers.
 */
function connectionOf(socket: Socket, guard: BodyGuard): Connection {
  const known = connections.get(socket)
  if (known) {
    known.guard = guard
    return known
  }
  const connection: Connection = { guard, readers: [] }
  connections.set(socket, connection)
  const destroySoon = socket.destroySoon
  socket.destroySoon = () => {
    if (connection.guard.unread && !socket.destroyed) connection.guard.close()
    else destroySoon.call(socket)
  }
  socket.on('close', () => {
    for (const reader of connection.readers) reader.gone()
  })
  return connection
}

function ignore(): void {}
