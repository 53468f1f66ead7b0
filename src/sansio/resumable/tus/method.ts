/** `X-HTTP-Method-Override` (tus 1.0.0, "Core Protocol"). */
import type { RequestHead } from '../intent.ts'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/**
 * The method a tus request means: that of the override, if there is one, else its own. Requests without
 * `Tus-Resumable` can not override anything.
 *
 * @example effectiveMethod(new Request(url, { method: 'POST', headers: { 'X-HTTP-Method-Override': 'PATCH', … } })) // 'PATCH'
 */
export function effectiveMethod({ method, headers }: RequestHead): string {
  if (headers.get('tus-resumable') === null) return method
  return headers.get('x-http-method-override')?.toUpperCase() ?? method
}

/**
 * The method by which a request is to be checked against cross-site requests: a POST that calls itself GET is a POST,
 * and a GET that calls itself PATCH is a PATCH (row 61 of the threats).
 */
export function unsaferMethod(head: RequestHead): string {
  return safeMethods.includes(head.method) ? effectiveMethod(head) : head.method
}
