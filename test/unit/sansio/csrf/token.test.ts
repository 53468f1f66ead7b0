import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64Url, encodeBase64Url } from '../../../../src/sansio/bytes/base64url.ts'
import { encodeUtf8 } from '../../../../src/sansio/bytes/utf8.ts'
import { seal, unseal } from '../../../../src/sansio/csrf/seal.ts'
import { issueToken, tokenPayload, verifyToken } from '../../../../src/sansio/csrf/token.ts'
import { createSigner } from '../../../../src/server/signer.ts'

const signer = createSigner(['a secret of sixteen'])
const nonce = new Uint8Array(16).fill(7)
const start = 1_800_000_000_000
const hour = 3_600_000
const issue = (session = 's1', payload?: Uint8Array) => issueToken(signer, session, start, nonce, payload)
const refusal = (token: string | undefined, session: string | undefined, now = start, limit: number | null = hour) => {
  try {
    verifyToken(signer, token, session, { now, limit })
  } catch (error) {
    return (error as { description: string }).description
  }
}

describe('a token', () => {
  test('has 100 letters and is good for its session', () => {
    expect(issue()).toMatch(/^[A-Za-z0-9_-]{100}$/)
    expect(refusal(issue(), 's1')).toBeUndefined()
  })

  test.each([
    ['no token', undefined, 's1', 0, 'The CSRF token is missing.'],
    ['an empty token', '', 's1', 0, 'The CSRF token is missing.'],
    ['no token and no session', undefined, undefined, 0, 'The CSRF token is missing.'],
    ['no session', issue(), undefined, 0, 'The CSRF session token is missing.'],
    ['nonsense', 'x', 's1', 0, 'The CSRF token is invalid.'],
    ['one letter more', `${issue()}A`, 's1', 0, 'The CSRF token is invalid.'],
    ['another session', issue('s2'), 's1', 0, 'The CSRF tokens do not match.'],
    ['an hour and a moment later', issue(), 's1', hour + 1, 'The CSRF token has expired.'],
    ['two minutes before', issue(), 's1', -120_000, 'The CSRF token has expired.'],
    ['expired and of another session', issue('s2'), 's1', hour + 1, 'The CSRF token has expired.'],
  ] as const)('%s', (_name, token, session, later, text) => {
    expect(refusal(token, session, start + later)).toBe(text)
  })

  test('a minute of clock difference and no limit at all are fine', () => {
    expect(refusal(issue(), 's1', start - 59_000)).toBeUndefined()
    expect(refusal(issue(), 's1', start + 1e12, null)).toBeUndefined()
  })

  test('any changed letter makes it invalid', () => {
    const token = issue('s1', encodeUtf8('{"page":"x"}'))
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      expect(refusal(token.slice(0, at) + other + token.slice(at + 1), 's1'), `letter ${at}`).toMatch(/is invalid/)
    }
  })

  test('its payload can neither be read out of another nor left out', () => {
    const payload = encodeUtf8('{"page":"ä"}')
    const token = issue('s1', payload)
    expect(verifyToken(signer, token, 's1', { now: start, limit: hour })).toEqual(payload)
    const bytes = decodeBase64Url(token) as Uint8Array
    const without = new Uint8Array([...bytes.subarray(0, 43), ...bytes.subarray(-32)])
    expect(refusal(encodeBase64Url(without), 's1')).toBe('The CSRF token is invalid.')
  })

  test('secrets rotate: the new one signs, both verify, a dropped one does not', () => {
    const rotated = createSigner(['a new secret, longer', 'a secret of sixteen'])
    expect(verifyToken(rotated, issue(), 's1', { now: start, limit: hour })).toHaveLength(0)
    const fresh = issueToken(rotated, 's1', start, nonce)
    expect(refusal(fresh, 's1')).toBe('The CSRF token is invalid.')
    expect(tokenPayload(rotated, fresh)).toHaveLength(0)
  })

  test('no token is good by chance', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), text => refusal(text, 's1') !== undefined))
  })
})

describe('a seal', () => {
  test('opens for its purpose only', () => {
    const sealed = seal(signer, 'cookie', 'naïve')
    expect(unseal(signer, 'cookie', sealed)).toBe('naïve')
    expect(unseal(signer, 'delete', sealed)).toBeUndefined()
    expect(unseal(signer, 'cookie', `${sealed.slice(0, -1)}A`)).not.toBe('naïve')
    expect(unseal(signer, 'cookie', '')).toBeUndefined()
  })
})

test('base64url is that of Node, and strict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
      const text = encodeBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(decodeBase64Url(text)).toEqual(bytes)
    }),
  )
  for (const bad of ['A', 'AA=', 'AB', 'a b', 'é', 'AAA+']) expect(decodeBase64Url(bad), bad).toBeUndefined()
})

test('UTF-8 is that of TextEncoder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
    }),
  )
  expect(encodeUtf8('\ud800x')).toEqual(new TextEncoder().encode('\ud800x'))
})
