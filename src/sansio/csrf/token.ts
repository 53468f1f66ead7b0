/**
 * The second line against cross-site requests: a stateless token bound to a session, with the contract of Flask-WTF's
 * `CSRFProtect` (its order of checks, its texts).
 *
 * Layout, base64url of: version 1 | key id 4 | issued 6 (ms, big endian) | nonce 16 | tag 16 | payload | mac 32.
 * Without payload that is 75 bytes, 100 letters. `tag` binds to the session: HMAC(nonce | session id), cut to 16 bytes.
 * `mac` covers everything before it, so a page's payload (its narrowed policy) can neither be changed nor left out.
 * The nonce is fresh for each token, so nothing secret repeats in a page, and its compressed length tells an attacker
 * nothing (BREACH).
 */
import { decodeBase64Url, encodeBase64Url } from '../bytes/base64url.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { CsrfError } from '../errors.ts'
import { knownKey, type Signer } from './signer.ts'

const version = 1
const keyIdAt = 1
const issuedAt = 5
const nonceAt = 11
const tagAt = 27
const payloadAt = 43
const macLength = 32

/** The longest token that is looked at, in letters: a payload is a policy, not a book. */
const maxLength = 4096

/** Clocks of several servers differ: a token from the future is good up to this many ms ahead. */
const futureLeeway = 60_000

/** When a token is judged, and by what age limit. */
export interface TokenTimes {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Age limit in ms; null for none. */
  readonly limit: number | null
}

/**
 * A new token.
 *
 * @param now ms since 1970
 * @param nonce 16 random bytes
 * @param payload what travels with it, signed but readable
 */
export function issueToken(
  signer: Signer,
  sessionId: string,
  now: number,
  nonce: Uint8Array,
  payload: Uint8Array = new Uint8Array(),
): string {
  const keyId = signer.keyIds[0] as Uint8Array
  const tag = sessionTag(signer, keyId, sessionId, nonce)
  const head = concatBytes([Uint8Array.of(version), keyId, bigEndian(now), nonce, tag, payload])
  return encodeBase64Url(concatBytes([head, signer.mac(keyId, 'csrf mac', head)]))
}

/**
 * Checks a token, in Flask-WTF's order: missing, no session, signature, age, session.
 *
 * @param token as it came; undefined or `''` if there was none
 * @param sessionId undefined when the request has no session
 * @returns the token's payload
 * @throws CsrfError
 */
export function verifyToken(
  signer: Signer,
  token: string | undefined,
  sessionId: string | undefined,
  times: TokenTimes,
): Uint8Array {
  if (!token) throw new CsrfError('csrf-token-missing')
  if (!sessionId) throw new CsrfError('csrf-session-missing')
  const { bytes, keyId } = openToken(signer, token)
  const age = times.now - readBigEndian(bytes.subarray(issuedAt, nonceAt))
  if (age < -futureLeeway || (times.limit !== null && age > times.limit)) throw new CsrfError('csrf-token-expired')
  const tag = sessionTag(signer, keyId, sessionId, bytes.subarray(nonceAt, tagAt))
  if (!signer.equal(tag, bytes.subarray(tagAt, payloadAt))) throw new CsrfError('csrf-tokens-do-not-match')
  return payloadOf(bytes)
}

/**
 * The payload of a token that we signed, whatever its age and session: a page that asks for a fresh token keeps what
 * its old one said.
 *
 * @throws CsrfError `csrf-token-invalid`
 */
export function tokenPayload(signer: Signer, token: string): Uint8Array {
  return payloadOf(openToken(signer, token).bytes)
}

function openToken(signer: Signer, token: string): { readonly bytes: Uint8Array; readonly keyId: Uint8Array } {
  const bytes = token.length <= maxLength ? decodeBase64Url(token) : undefined
  const isToken = bytes && bytes.length >= payloadAt + macLength && bytes[0] === version
  const keyId = isToken && knownKey(signer, bytes.subarray(keyIdAt, issuedAt))
  if (!keyId) throw new CsrfError('csrf-token-invalid')
  const mac = signer.mac(keyId, 'csrf mac', bytes.subarray(0, -macLength))
  if (!signer.equal(mac, bytes.subarray(-macLength))) throw new CsrfError('csrf-token-invalid')
  return { bytes, keyId }
}

function payloadOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(payloadAt, -macLength)
}

function sessionTag(signer: Signer, keyId: Uint8Array, sessionId: string, nonce: Uint8Array): Uint8Array {
  return signer.mac(keyId, 'csrf tag', concatBytes([nonce, encodeUtf8(sessionId)])).subarray(0, tagAt - nonceAt)
}

/** Milliseconds as six bytes: good for 8,900 years. */
function bigEndian(value: number): Uint8Array {
  return Uint8Array.from({ length: 6 }, (_, i) => Math.floor(value / 256 ** (5 - i)) % 256)
}

function readBigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}
