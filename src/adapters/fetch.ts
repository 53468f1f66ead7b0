import type { Uploads } from '../server/types.ts'

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
