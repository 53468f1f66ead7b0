/**
 * The bridge between Node's request and response and the engine's Fetch tongue. Everything here is what Fetch leaves
 * to the runtime: back-pressure, vanished clients, the unread rest of a refused body, targets and headers as they came.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { UploadError } from '../../sansio/errors.ts'
import type { Answer, Uploads } from '../../server/types.ts'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import { sendsBeforeItListens } from './late-answer.ts'
import { type BridgeLimits, bridgeLimits } from './limits.ts'
import { BodyGuard } from './linger.ts'
import { hasDotSegment, lostHeaders, NodeContext, NodeRequest, rawTarget } from './request.ts'
import { prepareConnection, writeAnswer } from './response.ts'
import { answerWithOthers } from './turn.ts'

/** One request on its way through the engine. Thousands of them may wait at once, so it is made of few objects. */
export class Exchange {
  readonly request: IncomingRequest
  readonly context: RequestContext
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #guard: BodyGuard

  constructor(req: IncomingMessage, res: ServerResponse, limits: BridgeLimits) {
    this.#req = req
    this.#res = res
    this.#guard = new BodyGuard(req, res, limits)
    this.request = new NodeRequest(req, res, this.#guard, limits)
    this.context = new NodeContext(req, res)
  }

  /** Writes the answer, then drains and lingers as needed. Never rejects. */
  send(answer: Answer | Response): Promise<void> {
    // A failing body of an answer whose head is out can only be shown by cutting the connection, which was done.
    const write = () => writeAnswer(this.#req, this.#res, this.#guard, answer).catch(() => {})
    if (this.#mustWait(answer.status)) return this.#guard.untilThrownAway().then(write)
    return new Promise(resolve => answerWithOthers(() => resolve(write())))
  }

  /** What the connection needs when somebody else writes the answer, who then drains nothing. */
  async handOver(response: Response): Promise<Response> {
    if (this.#mustWait(response.status)) await this.#guard.untilThrownAway()
    if (!this.#res.headersSent) prepareConnection(this.#req, this.#res, this.#guard, response.status)
    return response
  }

  /** There is nothing to wait for where the rest will not come, or is longer than we shall read. */
  #mustWait(status: number): boolean {
    const guard = this.#guard
    if (!guard.unread || guard.hopeless || status === 408) return false
    return sendsBeforeItListens(this.#req.headers['user-agent'])
  }
}

const defaultLimits: BridgeLimits = bridgeLimits(undefined)
/** On the request itself: a WeakMap with an entry for each request keeps the collector busy (decisions/0009). */
const opened = Symbol('exchange')

/**
 * Opens the exchange for a Node request: call it before anything reads the body.
 *
 * From here on the unread rest of the body is taken care of, whoever answers: it is read and thrown away within the
 * budget of `limits`, and the connection is closed gently. A second call for the same request gives the same exchange.
 *
 * @example
 * const exchange = openExchange(req, res)
 * await exchange.send(await uploads.handle(exchange.request, exchange.context))
 */
export function openExchange(req: IncomingMessage, res: ServerResponse, limits = defaultLimits): Exchange {
  const known: IncomingMessage & { [opened]?: Exchange } = req
  known[opened] ??= new Exchange(req, res, limits)
  return known[opened]
}

/** A refusal that only the bridge can see, before a URL is built: dot segments, dropped header lines. */
export function refusalOnSight(req: IncomingMessage): UploadError | undefined {
  if (hasDotSegment(rawTarget(req))) return new UploadError('not-found')
  if (lostHeaders(req)) return new UploadError('too-many-headers')
  return undefined
}

/** Lets the engine answer. Never rejects. */
export function answer(uploads: Uploads, exchange: Exchange, refusal?: UploadError): Promise<void> {
  const { request, context } = exchange
  const fail = (error: unknown) => exchange.send(uploads.errorResponse(error, request))
  if (refusal) return fail(refusal)
  return uploads.answer(request, context).then(made => exchange.send(made), fail)
}
