/** Express 5 and 4. Apart from `receiveFiles` the types are structural: Express's own requests and responses fit. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isUploadError } from '../sansio/errors.ts'
import { renderError } from '../server/render.ts'
import type { Uploads } from '../server/types.ts'
import type { ExpressRequest, ExpressResponse } from './express/types.ts'
import { openExchange } from './node-bridge/bridge.ts'
import {
  type FilesHandler,
  isOurs,
  type NextFunction,
  type NodeHandler,
  nodeUploads,
  receiveFiles as receiveNodeFiles,
} from './node-bridge/handlers.ts'
import { type BridgeOptions, bridgeLimits } from './node-bridge/limits.ts'
import { requestHead } from './node-bridge/request.ts'

type Page = ReturnType<Uploads['pageSync']>

/** What we need of an Express response beside Node's. */
export interface ResponseWithLocals extends ServerResponse {
  locals: object
}

/**
 * The engine as middleware: the endpoint under `uploads.path`, and the page helpers as `res.locals.dropzone` on every
 * other route.
 *
 * Mount it before body parsers that take any body (`express.raw`, multer). The path is compared with `originalUrl`, so
 * in a mounted router `path` is still the whole path.
 *
 * `res.locals.dropzone` is lazy: only the first `create()`, `config()`, `dropArea()` or `csrfToken()` adds headers to
 * the answer; pages that use none are left alone.
 *
 * @example
 * app.use(expressUploads(uploads))
 * app.get('/', (req, res) => res.send(res.locals.dropzone.dropArea()))
 */
export function expressUploads(
  uploads: Uploads,
  options?: BridgeOptions,
): (req: IncomingMessage, res: ResponseWithLocals, next: NextFunction) => void {
  const handle = nodeUploads(uploads, options)
  return (req, res, next) => {
    if (isOurs(uploads, req)) return handle(req, res)
    Object.assign(res.locals, { dropzone: lazyPage(uploads, req, res) })
    next()
  }
}

/**
 * A route of your own that takes files as they arrive; see `receiveFiles` of `dropgate/node`, which this is with the
 * types of Express.
 *
 * Refusals (`UploadError`, thrown by the engine or by you) are answered in the engine's words; anything else goes to
 * `next(error)`. Files that were left unread are thrown away after the answer. Works on Express 4 as well.
 *
 * @example
 * app.post('/upload', receiveFiles(uploads, async (files, req, res) => {
 *   for await (const file of files) await file.save('./incoming')
 *   res.sendStatus(204)
 * }))
 */
export function receiveFiles<
  Req extends IncomingMessage = ExpressRequest,
  Res extends ServerResponse = ExpressResponse,
>(uploads: Uploads, handler: FilesHandler<Req, Res>, options?: BridgeOptions): NodeHandler<Req, Res> {
  return receiveNodeFiles(uploads, handler, options)
}

/**
 * Error middleware: answers every `UploadError` thrown in a route with its status and sentence as plain text, and
 * passes everything else on. Mount it after the routes. `receiveFiles` does not need it.
 *
 * @param uploads answers in this engine's form (`errors: 'json'`); plain text when omitted
 * @example
 * app.use(uploadErrors())
 */
export function uploadErrors(
  uploads?: Uploads,
  options?: BridgeOptions,
): (error: unknown, req: IncomingMessage, res: ServerResponse, next: NextFunction) => void {
  const limits = bridgeLimits(options)
  return (error, req, res, next) => {
    if (!isUploadError(error) || res.headersSent) return next(error)
    const exchange = openExchange(req, res, limits)
    void exchange.send(uploads ? uploads.errorResponse(error, exchange.request) : renderError(error, 'text'))
  }
}

/** The page helpers, made when first used; their headers are appended when a helper that needs them is. */
function lazyPage(uploads: Uploads, req: IncomingMessage, res: ServerResponse): Page {
  let made: Page | undefined
  let appended = false
  const page = () => (made ??= uploads.pageSync(requestHead(req)))
  const withHeaders = (helper: string) => {
    if (!appended && page().headers.length > 0) appendHeaders(res, page(), helper)
    appended = true
    return page()
  }
  return {
    loadCss: options => page().loadCss(options),
    loadJs: options => page().loadJs(options),
    style: (css, options) => page().style(css, options),
    getUrl: (nameOrUrl, params) => page().getUrl(nameOrUrl, params),
    create: options => withHeaders('create').create(options),
    config: options => withHeaders('config').config(options),
    dropArea: options => withHeaders('dropArea').dropArea(options),
    csrfToken: () => withHeaders('csrfToken').csrfToken(),
    get headers() {
      return page().headers
    },
    get sentence() {
      return page().sentence
    },
    get accept() {
      return page().accept
    },
  }
}

function appendHeaders(res: ServerResponse, page: Page, helper: string): void {
  if (res.headersSent) {
    throw new Error(
      `dropzone.${helper}() adds headers to the answer, but its head was already sent: call it before the first byte.`,
    )
  }
  for (const [name, value] of page.headers) res.appendHeader(name, value)
}
