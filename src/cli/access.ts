/** Who may use the server: those with the token, or everybody on this machine. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const cookieName = 'dropgate_token'

/** The check of one server's token. */
export interface Access {
  /** Whether a request brings the token, or none is asked for. */
  allows(req: Pick<IncomingMessage, 'headers'>): boolean
  /** Whether this is the token. Takes the same time for every wrong one. */
  matches(candidate: string): boolean
  /** `Set-Cookie` for a browser that gave the right token. */
  readonly cookie: string
}

/**
 * Makes the check.
 *
 * The cookie holds a digest that belongs to the token: it outlives a restart, ends with another token, and does not
 * tell the token to whoever sees the cookie.
 */
export function createAccess(token: string | undefined): Access {
  if (token === undefined) return { allows: () => true, matches: () => true, cookie: '' }
  const proof = createHmac('sha256', token).update('dropgate page cookie').digest('hex')
  const matches = (candidate: string) => same(candidate, token)
  return {
    matches,
    allows: ({ headers }) => {
      const bearer = /^Bearer +([^ ]+) *$/i.exec(headers.authorization ?? '')?.[1]
      if (bearer !== undefined) return matches(bearer)
      return cookiesOf(headers.cookie ?? '').some(value => same(value, proof))
    },
    cookie: `${cookieName}=${proof}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`,
  }
}

/**
 * Whether a request's Host is a name of this machine.
 *
 * A page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding) and would then be our own origin; its Host
 * gives it away.
 */
export function isLocalHostHeader(host: string | undefined): boolean {
  return host === undefined || /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)
}

function cookiesOf(header: string): readonly string[] {
  return header
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${cookieName}=`))
    .map(pair => pair.slice(cookieName.length + 1))
}

/** Digests have one length, so neither length nor content of the secret shows in the time. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
