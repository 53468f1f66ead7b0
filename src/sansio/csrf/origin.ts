/**
 * The first line against cross-site requests: the browser's own word. No token, no state.
 *
 * A foreign page can make a visitor's browser send a form with files to us, with the visitor's cookies. Browsers say
 * so: `Sec-Fetch-Site` on https and localhost, `Origin` elsewhere. The order of the questions matters: a page with
 * `Referrer-Policy: no-referrer` sends `Origin: null` together with `Sec-Fetch-Site: same-origin`, and another port of
 * the same host is `same-site`, which is not us. Same order as `CrossOriginProtection` of Go 1.25.
 *
 * Where it fails open: a request with neither header passes. It comes from no browser of this decade, so there is no
 * visitor to abuse.
 */
import { CsrfError } from '../errors.ts'
import { OptionError } from '../option-error.ts'

/** What the check looks at. Header values as they came, `null` for a header that is not there. */
export interface OriginFacts {
  readonly method: string
  readonly secFetchSite: string | null
  readonly origin: string | null
  readonly host: string | null
}

/**
 * Whether a request may come from where it comes.
 *
 * @param trustedOrigins from {@link defineTrustedOrigins}
 * @returns `CsrfError('cross-site')` (403) to be answered before the body is read; undefined when the request may pass
 * @example
 * checkOrigin({ method: 'POST', secFetchSite: 'cross-site', origin: 'https://evil.example', host: 'a.example' })?.code
 * // 'cross-site'
 * @see Fetch Metadata Request Headers, section 2.3; RFC 6454 section 7; RFC 9110 section 9.2.1
 */
export function checkOrigin(facts: OriginFacts, trustedOrigins: readonly string[] = []): CsrfError | undefined {
  if (['GET', 'HEAD', 'OPTIONS'].includes(facts.method)) return undefined
  const origin = facts.origin === null ? undefined : parseOrigin(facts.origin)
  if (origin && trustedOrigins.includes(origin.text)) return undefined
  if (facts.secFetchSite !== null) {
    return facts.secFetchSite === 'same-origin' || facts.secFetchSite === 'none' ? undefined : refused()
  }
  if (facts.origin === null) return undefined
  return origin && facts.host !== null && isHost(facts.host, origin) ? undefined : refused()
}

/**
 * Reads the option `trustedOrigins`: other origins whose pages may post here.
 *
 * @param value a list of `scheme://host[:port]`; `undefined` is an empty list
 * @param option the option's full name for the sentence, e.g. `csrf.trustedOrigins`
 * @returns the origins as browsers write them: lower case, without the scheme's default port
 * @throws OptionError for anything else, e.g. a path, a wildcard, `null`
 * @example defineTrustedOrigins(['https://App.example:443'], 'csrf.trustedOrigins') // ['https://app.example']
 */
export function defineTrustedOrigins(value: unknown, option: string): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new OptionError(option, value, 'a list of origins such as ["https://app.example"]')
  return value.map((item: unknown, i) => {
    const origin = typeof item === 'string' ? parseOrigin(item) : undefined
    if (origin) return origin.text
    const withoutPath = typeof item === 'string' ? parseOrigin(item.replace(/^(\w+:\/\/[^/]*)\/.*$/s, '$1')) : undefined
    const hint = withoutPath && `Did you mean "${withoutPath.text}"?`
    throw new OptionError(`${option}[${i}]`, item, 'an origin, scheme://host or scheme://host:port', hint)
  })
}

interface Origin {
  /** As browsers write it. */
  readonly text: string
  readonly scheme: string
  /** Host, with the port unless it is the scheme's own. */
  readonly host: string
}

// scheme "://" host [ ":" port ], RFC 6454 section 6.2; a host is a name, an IPv4 address or an IPv6 address in brackets.
const originPattern = /^([a-z][a-z0-9+.-]*):\/\/((?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

function parseOrigin(text: string): Origin | undefined {
  const match = originPattern.exec(text.toLowerCase())
  if (!match) return undefined
  const scheme = match[1] as string
  const host = withoutDefaultPort(match[3] ? `${match[2]}:${Number(match[3])}` : (match[2] as string), scheme)
  return { text: `${scheme}://${host}`, scheme, host }
}

function isHost(header: string, origin: Origin): boolean {
  return withoutDefaultPort(header.toLowerCase(), origin.scheme) === origin.host
}

function withoutDefaultPort(host: string, scheme: string): string {
  const own = { http: ':80', https: ':443' }[scheme]
  return own && host.endsWith(own) ? host.slice(0, -own.length) : host
}

function refused(): CsrfError {
  return new CsrfError('cross-site')
}
