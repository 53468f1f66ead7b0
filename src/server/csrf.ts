/** The guard against cross-site request forgery: who may post, and with which token. Used by the engine and app-wide. */
import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import { decodeUtf8, encodeUtf8 } from '../sansio/bytes/utf8.ts'
import { checkOrigin } from '../sansio/csrf/origin.ts'
import { seal, unseal } from '../sansio/csrf/seal.ts'
import type { Signer } from '../sansio/csrf/signer.ts'
import { issueToken, tokenPayload, verifyToken } from '../sansio/csrf/token.ts'
import { CsrfError } from '../sansio/errors.ts'
import type { Clock } from '../upload/ports.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { CsrfSettings } from './csrf-options.ts'
import { createSigner } from './signer.ts'

/** A header to be added to an answer. */
export type Header = readonly [name: string, value: string]

/** A session a token can be bound to. */
export interface CsrfSession {
  readonly id: string
  /** Headers that make the browser keep it; empty when it has it already, or when the app keeps it. */
  readonly headers: readonly Header[]
}

const cookiePurpose = 'csrf session cookie'

/** New sessions by the request they were made for: all helpers of one page must speak of the same one. */
const fresh = new WeakMap<object, Map<string, CsrfSession>>()
const localHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.+\.localhost)(:\d+)?$/i

/** The guard of one engine. */
export class CsrfGuard {
  readonly settings: CsrfSettings
  readonly #signer: Signer | undefined
  readonly #clock: Clock
  readonly #warn: (line: string) => void
  #warned = false

  constructor(settings: CsrfSettings, clock: Clock, warn: (line: string) => void) {
    this.settings = settings
    this.#signer = settings.secrets.length === 0 ? undefined : createSigner(settings.secrets)
    this.#clock = clock
    this.#warn = warn
  }

  /** Whether tokens are asked for, and with what they are signed. */
  get signer(): Signer | undefined {
    return this.#signer
  }

  /**
   * The first line, before a body byte is read: the browser's own word, and the referrer where the app is strict.
   * @throws CsrfError `cross-site`, and for the referrer
   */
  checkSite(request: IncomingRequest): void {
    const { method, headers } = request
    const host = headers.get('host') ?? (URL.canParse(request.url) ? new URL(request.url).host : null)
    const facts = { method, secFetchSite: headers.get('sec-fetch-site'), origin: headers.get('origin'), host }
    const { trustedOrigins, publicUrl } = this.settings
    const refusal = checkOrigin(facts, publicUrl === undefined ? trustedOrigins : [publicUrl, ...trustedOrigins])
    if (refusal) throw refusal
    if (this.settings.sslStrict && this.isChecked(method) && this.#isSecure(request)) this.#checkReferrer(request, host)
  }

  /** Whether requests of this method need a token. */
  isChecked(method: string): boolean {
    return this.#signer !== undefined && this.settings.methods.includes(method.toUpperCase())
  }

  /** The token in the first header that has one. */
  headerToken({ headers }: IncomingRequest): string | undefined {
    for (const name of this.settings.headers) {
      const token = headers.get(name)
      if (token) return token
    }
    return undefined
  }

  /** The token of a form: the field of exactly the name, else the first that ends in it and is not empty. */
  fieldToken(fields: Iterable<readonly [name: string, value: unknown]>): string | undefined {
    let prefixed: string | undefined
    for (const [name, value] of fields) {
      if (typeof value !== 'string' || value === '' || !this.isTokenField(name)) continue
      if (name === this.settings.field) return value
      prefixed ??= value
    }
    return prefixed
  }

  /** Whether a form field is the one that carries the token: its name, or a prefixed one (`login-csrf_token`). */
  isTokenField(name: string): boolean {
    return name.endsWith(this.settings.field)
  }

  /**
   * The second line.
   * @returns what the token carries: `''`, or the JSON of its page
   * @throws CsrfError
   */
  checkToken(request: IncomingRequest, token: string | undefined): string {
    const times = { now: this.#clock.now(), limit: this.settings.timeLimit }
    return decodeUtf8(verifyToken(this.#required(), token, this.#knownSession(request), times))
  }

  /** A new token for a session, carrying a payload. */
  issue(session: CsrfSession, payload = ''): string {
    const nonce = crypto.getRandomValues(new Uint8Array(16))
    return issueToken(this.#required(), session.id, this.#clock.now(), nonce, encodeUtf8(payload))
  }

  /** What an older token of ours carries, whatever its age; `''` where there is none. */
  payloadOf(token: string | undefined): string {
    try {
      return token ? decodeUtf8(tokenPayload(this.#required(), token)) : ''
    } catch {
      return ''
    }
  }

  /** The session of a request; a new one, with its cookie, where there is none. */
  session(request: IncomingRequest): CsrfSession {
    const known = this.#knownSession(request)
    if (known) return { id: known, headers: this.#renewal(request, known) }
    if (this.settings.sessionId) throw new CsrfError('csrf-session-missing')
    const made = this.#freshSessions(request)
    const name = `${this.#required().keyIds[0]} ${this.#cookieName(request)}`
    const session = made.get(name) ?? this.#newSession(request)
    made.set(name, session)
    return session
  }

  /** A cookie sealed with an older secret is sealed anew, so that the session outlives that secret. */
  #renewal(request: IncomingRequest, id: string): readonly Header[] {
    if (this.settings.sessionId) return []
    const sealed = seal(this.#required(), cookiePurpose, id)
    const isCurrent = cookieOf(request, this.#cookieName(request)) === sealed
    return isCurrent ? [] : [['Set-Cookie', this.#cookie(request, id)]]
  }

  #newSession(request: IncomingRequest): CsrfSession {
    const id = encodeBase64Url(crypto.getRandomValues(new Uint8Array(16)))
    return { id, headers: [['Set-Cookie', this.#cookie(request, id)]] }
  }

  #freshSessions(request: IncomingRequest): Map<string, CsrfSession> {
    const { raw } = request
    const key = typeof raw === 'object' && raw !== null ? raw : request
    const made = fresh.get(key) ?? new Map<string, CsrfSession>()
    fresh.set(key, made)
    return made
  }

  #knownSession(request: IncomingRequest): string | undefined {
    if (this.settings.sessionId) return this.settings.sessionId(request) || undefined
    const sealed = cookieOf(request, this.#cookieName(request))
    return sealed && unseal(this.#required(), cookiePurpose, sealed)
  }

  #cookie(request: IncomingRequest, id: string): string {
    const secure = this.#isSecure(request)
    if (!secure) this.#warnOfPlainHttp(request)
    const value = seal(this.#required(), cookiePurpose, id)
    return `${this.#cookieName(request)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  }

  /** `__Host-` keeps a sibling subdomain from planting a cookie of its own (RFC 6265bis), but needs https. */
  #cookieName(request: IncomingRequest): string {
    return this.#isSecure(request) ? '__Host-dropgate' : 'dropgate'
  }

  #isSecure({ url }: IncomingRequest): boolean {
    return (this.settings.publicUrl ?? url).startsWith('https:')
  }

  #warnOfPlainHttp(request: IncomingRequest): void {
    if (this.#warned || localHost.test(request.headers.get('host') ?? 'localhost')) return
    this.#warned = true
    this.#warn(
      'the page is served over plain http, so its CSRF cookie can be read on the way. If a proxy in front of this ' +
        'server speaks https, say so with csrf.publicUrl.',
    )
  }

  #checkReferrer({ headers }: IncomingRequest, host: string | null): void {
    const referrer = headers.get('referer')
    if (!referrer) throw new CsrfError('csrf-referrer-missing')
    const own = [this.settings.publicUrl ?? `https://${host}`, ...this.settings.trustedOrigins]
    const origin = URL.canParse(referrer) ? new URL(referrer).origin : undefined
    if (!own.some(known => URL.canParse(known) && new URL(known).origin === origin)) {
      throw new CsrfError('csrf-referrer-mismatch')
    }
  }

  #required(): Signer {
    if (!this.#signer) throw new Error('CSRF is not configured.')
    return this.#signer
  }
}

/** A cookie's value; the first one where there are several of the name. */
function cookieOf({ headers }: IncomingRequest, name: string): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
