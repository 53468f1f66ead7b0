import { CsrfError, isUploadError } from '../sansio/errors.ts'
import { knownOptions } from '../sansio/policy/option-keys.ts'
import type { Csrf } from '../server/csrf-app.ts'
import { unsaferMethod } from '../server/method-override.ts'
import { checkProtectOptions, isListed, type ProtectOptions, protectOptionNames } from '../server/protect.ts'
import { renderError } from '../server/render.ts'
import type { Uploads } from '../server/types.ts'
import { textOf } from '../upload/text.ts'

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

/** Options of {@link protectFetch}. */
export interface ProtectFetchOptions extends ProtectOptions {
  /** Answers a refusal, `cross-site` included; its sentence as plain text when omitted. */
  readonly onError?: (error: CsrfError, request: Request) => Response | Promise<Response>
}

/**
 * A Fetch handler behind the app-wide protection.
 *
 * A multipart body is never touched: with the token in a header it passes; without one it is refused, unless its route
 * is one of ours, which look for the field before the first file. A urlencoded body is looked at in a copy (at most
 * 1 MiB).
 *
 * @throws OptionError for a wrong option
 * @example
 * export default { fetch: protectFetch(csrf({ secret }), handle, { uploads, exempt: ['/webhook'] }) }
 */
export function protectFetch(
  csrf: Csrf,
  handle: (request: Request) => Response | Promise<Response>,
  options?: ProtectFetchOptions,
): (request: Request) => Promise<Response> {
  checkProtectOptions(knownOptions(options, protectOptionNames, 'protectFetch'), 'protectFetch')
  const settings = { ...options }
  return async request => {
    try {
      await checkFetch(csrf, request, settings)
    } catch (error) {
      if (settings.onError && error instanceof CsrfError) return settings.onError(error, request)
      if (isUploadError(error)) return renderError(error, 'text')
      throw error
    }
    return handle(request)
  }
}

async function checkFetch(
  csrf: Csrf,
  request: Request,
  { exempt = [], uploads, uploadRoutes = [] }: ProtectFetchOptions,
): Promise<void> {
  const method = unsaferMethod(request, csrf.isChecked)
  const path = new URL(request.url).pathname
  if (!csrf.isChecked(method) || isListed(path, exempt)) return
  csrf.checkSite({ method, url: request.url, headers: request.headers, body: null })
  if (csrf.hasHeaderToken(request)) return csrf.checkToken(request)
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'multipart/form-data' && (uploads?.matches(request) || isListed(path, uploadRoutes))) return
  csrf.checkToken(request, type === 'application/x-www-form-urlencoded' ? await fieldsOf(request) : [])
}

async function fieldsOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await textOf(request.clone().body, maxFormBytes))
}
