/** Headers by which apps and the package method-override let a POST stand for another method, or the reverse. */
const headers = ['x-http-method-override', 'x-http-method', 'x-method-override']

/**
 * The method that counts for the protection: the unsafer of what the request is, what it was before a middleware
 * changed it, and what it asks to be. `X-HTTP-Method-Override: GET` on a POST must not switch the check off.
 *
 * @param isChecked whether requests of a method are checked
 * @param original the method as it came, where somebody has changed it
 */
export function unsaferMethod(
  request: { readonly method: string; readonly headers: { get(name: string): string | null } },
  isChecked: (method: string) => boolean,
  original?: unknown,
): string {
  const named = [request.method, original, ...headers.map(name => request.headers.get(name)?.trim())]
  const unsafe = named.find(method => typeof method === 'string' && isChecked(method))
  return typeof unsafe === 'string' ? unsafe.toUpperCase() : request.method
}
