import type { IncomingMessage, ServerResponse } from 'node:http'
import { isUploadError } from '../../sansio/errors.ts'
import type { Files, Uploads } from '../../server/types.ts'
import { answer, openExchange, refusalOnSight } from './bridge.ts'
import { type BridgeOptions, bridgeLimits } from './limits.ts'
import { rawTarget } from './request.ts'

/** What Express, Connect and their kin pass as third argument. */
export type NextFunction = (error?: unknown) => void

/** A handler for `http.createServer` and for every framework with `(req, res, next)`. */
export type NodeHandler<Req = IncomingMessage, Res = ServerResponse> = (req: Req, res: Res, next?: NextFunction) => void

/**
 * The engine as a handler for plain Node.
 *
 * Without `next` it answers everything, 404 outside the endpoint included; with `next` it passes on what is not its own.
 *
 * @throws OptionError for a wrong option
 * @example
 * prepareServer(http.createServer(nodeUploads(uploads))).listen(8080)
 */
export function nodeUploads(uploads: Uploads, options?: BridgeOptions): NodeHandler {
  const limits = bridgeLimits(options)
  return (req, res, next) => {
    if (next && !isOurs(uploads, req)) return next()
    void answer(uploads, openExchange(req, res, limits), refusalOnSight(req))
  }
}

/** Whether a request is for the engine; a target whose dot segments lead to or from the endpoint is. */
export function isOurs(uploads: Uploads, req: IncomingMessage): boolean {
  const target = rawTarget(req)
  return (
    uploads.matches({ url: target }) || (target.startsWith(`${uploads.path}/`) && refusalOnSight(req) !== undefined)
  )
}

/** What is done with the files of a request. The parameters are those of your framework. */
export type FilesHandler<Req, Res> = (files: Files, req: Req, res: Res) => unknown

/**
 * A route of your own that takes files as they arrive.
 *
 * Refusals (`UploadError`, thrown by the engine or by you) are answered in the engine's words; anything else goes to
 * `next(error)` where there is one, else it becomes a 500 in neutral words. Files that were left unread are thrown
 * away after the answer. Returns nothing and never rejects, so it works on Express 4 as well.
 *
 * @param handler answers the request itself; its promise is awaited
 * @throws OptionError for a wrong option
 * @example
 * receiveFiles(uploads, async (files, req, res) => {
 *   for await (const file of files) await file.save('./incoming')
 *   res.writeHead(204).end()
 * })
 */
export function receiveFiles<Req extends IncomingMessage, Res extends ServerResponse>(
  uploads: Uploads,
  handler: FilesHandler<Req, Res>,
  options?: BridgeOptions,
): NodeHandler<Req, Res> {
  const limits = bridgeLimits(options)
  return (req, res, next) => {
    const exchange = openExchange(req, res, limits)
    const run = async () => {
      const refusal = refusalOnSight(req)
      if (refusal) throw refusal
      const files = uploads.files(exchange.request, exchange.context)
      const handled = handler(files, req, res)
      // A handler that returned no promise may still be at work; one whose promise is settled wants no more files.
      if (isPromise(handled)) await handled.finally(() => files[Symbol.asyncIterator]().return?.())
    }
    run().catch((error: unknown) => {
      if (next && !isUploadError(error)) next(error)
      else if (res.headersSent) res.destroy()
      else void exchange.send(uploads.errorResponse(error, exchange.request))
    })
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}
