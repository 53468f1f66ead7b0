/** The options of the protection against cross-site request forgery, checked. Names and defaults follow Flask-WTF. */
import { defineTrustedOrigins } from '../sansio/csrf/origin.ts'
import { OptionError } from '../sansio/option-error.ts'
import { knownOptions } from '../sansio/policy/option-keys.ts'
import type { IncomingRequest } from '../upload/request.ts'

/** Cross-site protection: the browser's own word first, then a token where there is a secret. */
export interface CsrfOptions {
  /** Origins that may post beside our own, as scheme://host[:port]. */
  readonly trustedOrigins?: readonly string[]
  /**
   * Switches tokens on. At least 16 characters, the same in all processes. A list rotates: the first signs, all verify.
   */
  readonly secret?: string | readonly string[]
  /**
   * The app's session id: tokens are bound to it and die with it. Without this option a signed cookie of our own holds
   * one. `request.raw` is the framework's request where there is one.
   * @example ({ raw }) => (raw as express.Request).session.id
   */
  readonly sessionId?: (request: IncomingRequest) => string | undefined
  /** Seconds a token is good; null for as long as the session. Default 3600. */
  readonly timeLimit?: number | null
  /** Methods that are checked. Default POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[]
  /** Headers that may carry the token. Default `X-CSRFToken`, `X-CSRF-Token`. */
  readonly headers?: readonly string[]
  /** The form field that may carry it, or any field that ends in this name, before the first file. Default `csrf_token`. */
  readonly field?: string
  /** Over https, demand a Referer of the same host as well. Default false: pages with `no-referrer` would break. */
  readonly sslStrict?: boolean
  /** Our own public origin, if a proxy hides it: scheme://host[:port]. It decides over the cookie's `__Host-` prefix. */
  readonly publicUrl?: string
}

/** Checked options, with nothing left to decide. */
export interface CsrfSettings {
  readonly trustedOrigins: readonly string[]
  /** Empty: no tokens, only the origin check. */
  readonly secrets: readonly string[]
  readonly sessionId: ((request: IncomingRequest) => string | undefined) | undefined
  /** Milliseconds; null for none. */
  readonly timeLimit: number | null
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly field: string
  readonly sslStrict: boolean
  readonly publicUrl: string | undefined
}

/** What stands where nothing is said. */
export const csrfDefaults = {
  timeLimit: 3600,
  methods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  headers: ['X-CSRFToken', 'X-CSRF-Token'],
  field: 'csrf_token',
  sslStrict: false,
} as const satisfies Omit<CsrfOptions, 'secret'>

const names = [
  'trustedOrigins',
  'secret',
  'sessionId',
  'timeLimit',
  'methods',
  'headers',
  'field',
  'sslStrict',
  'publicUrl',
]

/**
 * Checks the options.
 * @throws OptionError
 */
export function defineCsrf(options: CsrfOptions | undefined): CsrfSettings {
  const given = knownOptions(options, names, 'csrf')
  const { sessionId, timeLimit = csrfDefaults.timeLimit, sslStrict = csrfDefaults.sslStrict } = options ?? {}
  if (given.has('secret') !== 'secret' in (options ?? {})) {
    throw missingSecret(undefined, 'csrf.secret', 'to use CSRF tokens')
  }
  check(sessionId === undefined || typeof sessionId === 'function', 'sessionId', sessionId, 'a function')
  const isLimit = timeLimit === null || (typeof timeLimit === 'number' && timeLimit > 0 && timeLimit <= 1e10)
  check(isLimit, 'timeLimit', timeLimit, 'seconds above 0, or null for no limit')
  check(typeof sslStrict === 'boolean', 'sslStrict', sslStrict, 'true or false')
  return {
    trustedOrigins: defineTrustedOrigins(given.get('trustedOrigins'), 'csrf.trustedOrigins'),
    secrets: given.has('secret') ? secretsOf(given.get('secret'), 'csrf.secret', 'to use CSRF tokens') : [],
    sessionId,
    timeLimit: timeLimit === null ? null : timeLimit * 1000,
    methods: words(given.get('methods') ?? csrfDefaults.methods, 'methods').map(method => method.toUpperCase()),
    headers: words(given.get('headers') ?? csrfDefaults.headers, 'headers'),
    field: words([given.get('field') ?? csrfDefaults.field], 'field')[0] as string,
    sslStrict,
    publicUrl: given.has('publicUrl') ? defineTrustedOrigins([given.get('publicUrl')], 'csrf.publicUrl')[0] : undefined,
  }
}

/**
 * A secret, or several of them.
 * @param purpose completes the sentence: "a secret key … is required to …"
 * @throws OptionError
 */
export function secretsOf(value: unknown, option: string, purpose: string): readonly string[] {
  const secrets = Array.isArray(value) ? value : [value]
  if (secrets.length === 0 || secrets.some(secret => typeof secret !== 'string' || secret.length < 16)) {
    throw missingSecret(value, option, purpose)
  }
  return secrets
}

/** The value itself is never shown: start-up errors end in logs. */
function missingSecret(value: unknown, option: string, purpose: string): OptionError {
  const shown = value === undefined || value === '' ? value : 'too short or no text'
  return new OptionError(option, shown, {
    sentence: `is not a secret: a secret key of at least 16 characters is required ${purpose}.`,
  })
}

function words(value: unknown, name: string): readonly string[] {
  const isWord = (word: unknown) => typeof word === 'string' && /^[A-Za-z0-9_-]+$/.test(word)
  check(Array.isArray(value) && value.length > 0 && value.every(isWord), name, value, 'one or more plain names')
  return value as string[]
}

function check(good: boolean, name: string, value: unknown, allowed: string): void {
  if (!good) throw new OptionError(`csrf.${name}`, value, allowed)
}
