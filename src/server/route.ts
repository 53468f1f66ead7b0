/** Which part of the endpoint a request means, and who answers it. */
import { resultPage } from '../html/result.ts'
import { checkOrigin } from '../sansio/csrf/origin.ts'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import { assetUrl, serveAsset } from './assets.ts'
import type { Settings } from './options.ts'
import { renderEmpty, renderFiles, renderPage } from './render.ts'
import type { Received } from './types.ts'

/**
 * Answers a request under the endpoint.
 *
 * @param rest what follows the endpoint's path: `''` the endpoint itself, `/-/…` a static file, `/<id>` an upload
 * @param receive reads and stores the uploads of this request
 * @throws UploadError for everything that is refused
 */
export async function route(
  request: IncomingRequest,
  rest: string,
  settings: Settings,
  receive: () => Promise<Received>,
): Promise<Response> {
  if (rest.startsWith('/-/')) return asset(request, rest.slice(3))
  if (rest !== '') throw new UploadError('not-found')
  if (request.method === 'OPTIONS') return renderEmpty(204, { Allow: 'POST, OPTIONS' })
  if (request.method !== 'POST') throw notAllowed('POST, OPTIONS')
  checkSite(request, settings)
  const { files } = await receive()
  if (!isPlainForm(request)) return renderFiles(files)
  if (settings.redirectUrl !== undefined) return renderEmpty(303, { Location: settings.redirectUrl })
  return renderPage(resultPage({ files, css: assetUrl(settings.path, 'dropgate.css'), ...backLink(request) }))
}

function asset(request: IncomingRequest, name: string): Response {
  if (!['GET', 'HEAD'].includes(request.method)) throw notAllowed('GET, HEAD')
  return serveAsset(name, request)
}

/** RFC 9110 section 15.5.6: a 405 says what is allowed. */
function notAllowed(allow: string): UploadError {
  return new UploadError('method-not-allowed', undefined, { headers: { Allow: allow } })
}

/** The browser's own word, before a byte of the body is read. */
function checkSite({ method, headers, url }: IncomingRequest, { trustedOrigins }: Settings): void {
  if (trustedOrigins === undefined) return
  const host = headers.get('host') ?? (url.startsWith('/') ? null : new URL(url).host)
  const facts = { method, secFetchSite: headers.get('sec-fetch-site'), origin: headers.get('origin'), host }
  const refusal = checkOrigin(facts, trustedOrigins)
  if (refusal) throw refusal
}

/** A form sent by the browser itself, without script: it wants a page, where scripts ask for JSON (or for anything). */
function isPlainForm({ headers }: IncomingRequest): boolean {
  return headers.get('x-requested-with') === null && /\btext\/html\b/i.test(headers.get('accept') ?? '')
}

/** The page the form was on, as a path of this site. */
function backLink({ headers }: IncomingRequest): { back?: string } {
  const referer = headers.get('referer')
  const host = headers.get('host')
  if (!referer || !host || !URL.canParse(referer)) return {}
  const url = new URL(referer)
  return url.host === host ? { back: url.pathname + url.search } : {}
}
