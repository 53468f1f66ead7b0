/** Which part of the endpoint a request means, and who answers it. */
import { resultPage } from '../html/result.ts'
import { UploadError } from '../sansio/errors.ts'
import { dialectOf } from '../sansio/resumable/dialect.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import { assetUrl, serveAsset, serveText } from './assets.ts'
import type { CsrfGuard } from './csrf.ts'
import { answerCsrf } from './csrf-endpoint.ts'
import { deleteFile } from './delete.ts'
import { deleteUrl } from './delete-url.ts'
import type { ReceivedUploads } from './endpoint.ts'
import { parsePayload } from './gate.ts'
import { notAllowed } from './not-allowed.ts'
import { renderEmpty, renderFiles, renderPage } from './render.ts'
import { uploadUrl } from './resumable-view.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Answers a request under the endpoint.
 *
 * @param rest what follows the endpoint's path: `''` the endpoint itself, `/-/…` a static file, `/csrf` the token,
 * `/<id>` an upload, `/<name>?key=…` a file to download
 * @throws UploadError for everything that is refused, at once or later
 */
export function route(
  request: IncomingRequest,
  context: RequestContext,
  rest: string,
  surroundings: Surroundings,
): Answer | Promise<Answer> {
  const { guard, downloads } = surroundings
  if (rest === '') return endpoint(request, context, surroundings)
  const download = downloads.serve(request, rest.slice(1))
  if (download) return download
  if (rest.startsWith('/-/')) return asset(request, rest.slice(3), surroundings)
  if (rest === '/csrf' && guard?.signer) {
    if (request.method !== 'GET') throw notAllowed('GET')
    return answerCsrf(request, guard)
  }
  return upload(request, context, rest.slice(1), surroundings)
}

/** An upload's own URL: continued by tus or the IETF protocol, or deleted by the key its page was given. */
function upload(
  request: IncomingRequest,
  context: RequestContext,
  id: string,
  surroundings: Surroundings,
): Answer | Promise<Answer> {
  // The shape is checked before anything is looked up: an id is never a path.
  if (!/^[A-Za-z0-9_-]{22,64}$/.test(id)) throw new UploadError('not-found')
  if (request.method === 'DELETE' && request.url.includes('?key=')) return deleteFile(request, id, surroundings)
  if (!surroundings.resumables) throw new UploadError('not-found')
  const dialect = dialectOf(request, true)
  if (dialect === 'options') return renderEmpty(204, surroundings.features(request, context))
  if (dialect === 'tus' || dialect === 'ietf') return surroundings.resume(request, context, dialect, id)
  throw new UploadError('not-found')
}

function endpoint(
  request: IncomingRequest,
  context: RequestContext,
  surroundings: Surroundings,
): Answer | Promise<Answer> {
  if (request.method === 'OPTIONS') {
    return renderEmpty(204, { Allow: 'POST, OPTIONS', ...surroundings.features(request, context) })
  }
  const dialect = surroundings.resumables ? dialectOf(request, false) : 'form'
  if (dialect === 'tus' || dialect === 'ietf') return surroundings.resume(request, context, dialect, undefined)
  if (request.method !== 'POST') throw notAllowed('POST, OPTIONS')
  return surroundings.receive(request, context).then(received => stored(request, received, surroundings))
}

/** The answer to a POST whose files were kept. */
function stored(
  request: IncomingRequest,
  { files, fields, uploadId }: ReceivedUploads,
  { settings, guard }: Surroundings,
): Answer {
  if (!isPlainForm(request)) {
    const page = pageOf(guard, guard?.headerToken(request) ?? guard?.fieldToken(fields))
    const headers = uploadId === undefined ? {} : { Location: uploadUrl(settings, uploadId) }
    return renderFiles(files, file => deleteUrl(request, file, settings, guard, page), headers)
  }
  if (settings.redirectUrl !== undefined) return renderEmpty(303, { Location: settings.redirectUrl })
  return renderPage(resultPage({ files, css: assetUrl(settings.path, 'dropgate.css'), ...backLink(request) }))
}

function asset(request: IncomingRequest, name: string, { pages }: Surroundings): Answer {
  if (!['GET', 'HEAD'].includes(request.method)) throw notAllowed('GET, HEAD')
  const style = pages.style(name)
  return style === undefined ? serveAsset(name, request) : serveText(style, 'css', request)
}

/** The page whose token came with a request that passed the gate. */
function pageOf(guard: CsrfGuard | undefined, token: string | undefined): string | undefined {
  return guard?.signer && parsePayload(guard.payloadOf(token))?.page
}

/** A form sent by the browser itself, without script: it wants a page, where scripts ask for JSON (or for anything). */
function isPlainForm({ headers }: IncomingRequest): boolean {
  return headers.get('x-requested-with') === null && /\btext\/html\b/i.test(headers.get('accept') ?? '')
}

/** The page the form was on, as a path of this site; `//elsewhere` would be another host. */
function backLink({ headers }: IncomingRequest): { back?: string } {
  const referer = headers.get('referer')
  const host = headers.get('host')
  if (!referer || !host || !URL.canParse(referer)) return {}
  const url = new URL(referer)
  return url.host === host ? { back: url.pathname.replace(/^\/+/, '/') + url.search } : {}
}
