/**
 * The bridge between Node's request and response and the engine's Fetch tongue. Everything here is what Fetch leaves
 * to the runtime: back-pressure, vanished clients, the unread rest of a refused body, targets and headers as they came.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { UploadError } from '../../sansio/errors.ts'
import type { Answer, Uploads } from '../../server/types.ts'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import { type BridgeLimits, bridgeLimits } from './limits.ts'
import { BodyGuard } from './linger.ts'
import { hasDotSegment, lostHeaders, NodeContext, NodeRequest, rawTarget } from './request.ts'
import { prepareConnection, writeAnswer } from './response.ts'

/** One request on its way through the engine. */
export interface Exchange {
  readonly request: IncomingRequest
  readonly context: RequestContext
  /** Writes the answer, then drains and lingers as needed. Never rejects. */
  send(answer: Answer | Response): Promise<void>
  /** What the connection needs when somebody else writes the answer, who then drains nothing. */
  handOver(response: Response): Response
}

const defaultLimits: BridgeLimits = bridgeLimits(undefined)
const exchanges = new WeakMap<IncomingMessage, Exchange>()

/**
 * Opens the exchange for a Node request: call it before anything reads the body.
 *
 * From here on the unread rest of the body is taken care of, whoever answers: it is read and thrown away within the
 * budget of `limits`, and the connection is closed gently. A second call for the same request gives the same exchange.
 *
 * @example
 * const { request, context, send } = openExchange(req, res)
 * await send(await uploads.handle(request, context))
 */
export function openExchange(req: IncomingMessage, res: ServerResponse, limits = defaultLimits): Exchange {
  const open = exchanges.get(req)
  if (open) return open
  const guard = new BodyGuard(req, res, limits)
  const exchange: Exchange = {
    request: new NodeRequest(req, res, guard, limits),
    context: new NodeContext(req, res),
    // A failing body of an answer whose head is out can only be shown by cutting the connection, which was done.
    send: answer => writeAnswer(req, res, guard, answer).catch(() => {}),
    handOver: response => {
      if (!res.headersSent) prepareConnection(req, res, guard, response.status)
      return response
    },
  }
  exchanges.set(req, exchange)
  return exchange
}

/** A refusal that only the bridge can see, before a URL is built: dot segments, dropped header lines. */
export function refusalOnSight(req: IncomingMessage): UploadError | undefined {
  if (hasDotSegment(rawTarget(req))) return new UploadError('not-found')
  if (lostHeaders(req)) return new UploadError('too-many-headers')
  return undefined
}

/** Lets the engine answer. Never rejects. */
export async function answer(uploads: Uploads, exchange: Exchange, refusal?: UploadError): Promise<void> {
  const { request, context, send } = exchange
  if (refusal) return send(uploads.errorResponse(refusal, request))
  try {
    await send(await uploads.answer(request, context))
  } catch (error) {
    await send(uploads.errorResponse(error, request))
  }
}
