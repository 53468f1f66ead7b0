/** Pages of other origins, where the app lists them. Nothing is ever said to anybody else (row 62 of the threats). */
import { defineTrustedOrigins } from '../sansio/csrf/origin.ts'
import { OptionError } from '../sansio/option-error.ts'
import { knownOptions } from '../sansio/policy/option-keys.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'

/** Which other origins may use the endpoint from their pages. */
export interface CorsOptions {
  /**
   * Exact origins, as scheme://host[:port]; no patterns. Their pages may send the visitor's cookies, and the origin
   * check trusts them.
   */
  readonly origins: readonly string[]
}

/** What pages may send: the headers of tus, of the IETF protocol, of Dropzone, and those of the tokens. */
const requestHeaders = [
  'Accept',
  'Authorization',
  'Cache-Control',
  'Content-Digest',
  'Content-Disposition',
  'Content-Type',
  'Repr-Digest',
  'Tus-Resumable',
  'Upload-Checksum',
  'Upload-Complete',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Draft-Interop-Version',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'Want-Repr-Digest',
  'X-HTTP-Method-Override',
  'X-Request-ID',
  'X-Requested-With',
]

/** What pages may read beside the few headers that every page may. */
const answerHeaders = [
  'Accept-Patch',
  'Dropgate-File',
  'Location',
  'Repr-Digest',
  'Retry-After',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Complete',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Draft-Interop-Version',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Limit',
  'Upload-Metadata',
  'Upload-Offset',
]

/** Seconds a browser may remember the answer to a preflight; Chromium caps it at 7,200. */
const maxAge = 7200

/**
 * Checks the option `cors`.
 * @returns the origins as browsers write them
 * @throws OptionError for patterns, `null`, paths, an empty list
 */
export function defineCors(options: CorsOptions | undefined): readonly string[] {
  if (options === undefined) return []
  const origins = knownOptions(options, ['origins'], 'cors').get('origins')
  if (!Array.isArray(origins) || origins.length === 0) {
    throw new OptionError('cors.origins', origins, 'a list of at least one origin such as ["https://app.example"]')
  }
  return defineTrustedOrigins(origins, 'cors.origins')
}

/**
 * The answer to a preflight of a listed origin; undefined for every other request.
 * @param tokenHeaders that carry CSRF tokens
 * @see Fetch standard, section 3.3.3 "HTTP responses" of the CORS protocol
 */
export function answerPreflight(
  request: IncomingRequest,
  origins: readonly string[],
  tokenHeaders: readonly string[],
): Answer | undefined {
  const { method, headers } = request
  if (method !== 'OPTIONS' || headers.get('access-control-request-method') === null) return undefined
  if (!isListed(request, origins)) return undefined
  return {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'POST, PUT, HEAD, GET, PATCH, DELETE, OPTIONS',
      'Access-Control-Allow-Headers': [...requestHeaders, ...tokenHeaders].join(', '),
      'Access-Control-Max-Age': String(maxAge),
      Vary: 'Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  }
}

/** The same answer, to be read by the page of a listed origin. */
export function allowOrigin(request: IncomingRequest, origins: readonly string[], answer: Answer): Answer {
  if (origins.length === 0) return answer
  const { Vary: vary } = answer.headers
  // Also for those who are not listed: what is kept for them must not be given to others.
  const headers = { ...answer.headers, Vary: vary === undefined ? 'Origin' : `${vary}, Origin` }
  if (!isListed(request, origins)) return { ...answer, headers }
  const allowed = {
    'Access-Control-Allow-Origin': request.headers.get('origin') as string,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': answerHeaders.join(', '),
  }
  return { ...answer, headers: { ...headers, ...allowed } }
}

/** Letter by letter: browsers write origins in one way only. */
function isListed({ headers }: IncomingRequest, origins: readonly string[]): boolean {
  const origin = headers.get('origin')
  return origin !== null && origins.includes(origin)
}
