import { isUploadError, UploadError } from '../sansio/errors.ts'
import type { Csrf } from '../server/csrf-app.ts'
import { unsaferMethod } from '../server/method-override.ts'
import { renderError } from '../server/render.ts'
import type { Uploads } from '../server/types.ts'
import { pushBody } from '../upload/body.ts'

/** So many bytes an ordinary form may have. */
const maxFormBytes = 1024 * 1024

/**
 * The engine as a Fetch handler: Hono, Bun, Deno, Next, service workers. It answers everything, 404 outside the
 * endpoint included, and never rejects.
 *
 * @example
 * app.all('/uploads/*', c => handle(c.req.raw))          // Hono, with const handle = fetchUploads(uploads)
 * @example
 * export default { fetch: fetchUploads(uploads) }        // Bun, Deno
 */
export function fetchUploads(uploads: Uploads): (request: Request) => Promise<Response> {
  return request => uploads.handle(request)
}

/**
 * A Fetch handler behind the app-wide protection. A urlencoded form is looked at in a copy; a multipart one without a
 * token in a header is refused, unless `isUpload` says that its route reads forms by the engine, which checks the field
 * itself before the first file.
 *
 * @example
 * export default { fetch: protectFetch(csrf({ secret }), handle, request => uploads.matches(request)) }
 */
export function protectFetch(
  csrf: Csrf,
  handle: (request: Request) => Response | Promise<Response>,
  isUpload: (request: Request) => boolean = () => false,
): (request: Request) => Promise<Response> {
  return async request => {
    try {
      await checkFetch(csrf, request, isUpload)
    } catch (error) {
      if (isUploadError(error)) return renderError(error, 'text')
      throw error
    }
    return handle(request)
  }
}

async function checkFetch(csrf: Csrf, request: Request, isUpload: (request: Request) => boolean): Promise<void> {
  const method = unsaferMethod(request, csrf.isChecked)
  if (!csrf.isChecked(method)) return
  csrf.checkSite({ method, url: request.url, headers: request.headers, body: null })
  if (csrf.hasHeaderToken(request)) return csrf.checkToken(request)
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'multipart/form-data' && isUpload(request)) return
  csrf.checkToken(request, type === 'application/x-www-form-urlencoded' ? await fieldsOf(request) : [])
}

async function fieldsOf(request: Request): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = []
  let size = 0
  await pushBody(request.clone().body, chunk => {
    size += chunk.length
    if (size > maxFormBytes) throw new UploadError('field-too-long')
    chunks.push(chunk)
    return undefined
  })
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}
