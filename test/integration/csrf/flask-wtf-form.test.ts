/** Flask-WTF's tests of `generate_csrf` and `validate_csrf`, restated under the same names; and the life of a secret. */
import express5 from 'express'
import { describe, expect, test } from 'vitest'
import { type CsrfError, csrf } from '../../../src/csrf.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { clock, formOf, missing, secret, startApp, time, Visitor } from './app.ts'

const hour = 3_600_000

describe('generate_csrf and validate_csrf', () => {
  const request = (cookie?: string) =>
    new Request('http://localhost/', cookie === undefined ? {} : { headers: { cookie } })
  const cookieOf = (headers: Iterable<readonly [string, string]>) =>
    [...headers].find(([name]) => name === 'Set-Cookie')?.[1].split(';')[0] as string

  // Refused when the app starts instead of at the first token.
  test('csrf_requires_secret_key', () => {
    expect(() => csrf({})).toThrow(/csrf\.secret .*a secret key is required to use CSRF/)
    expect(() => csrf({ secret: undefined as unknown as string })).toThrow(/csrf\.secret .*secret key/)
    expect(() => csrf({ secret: '' })).toThrow(/csrf\.secret .*secret key/)
    expect(() => csrf({ secret: [] })).toThrow(/csrf\.secret .*secret key/)
    expect(csrf({ secret }).issue(request()).token).toHaveLength(100)
  })

  // The session lies in a signed cookie of ours; the token is in the page alone.
  test('token_stored_by_generate', () => {
    const { headers, token } = csrf({ secret }).issue(request())
    expect(cookieOf(headers)).toMatch(/^dropgate=[\w-]{40,}$/)
    expect(cookieOf(headers)).not.toContain(token)
    expect(headers).toContainEqual(['Vary', 'Cookie'])
    expect(headers).toContainEqual(['Cache-Control', 'no-store'])
  })

  // The key is the name of the form's field; the session's cookie does not take it.
  test('custom_token_key', async () => {
    const { visitor } = await startApp(express5, { csrf: { field: 'oauth_token' } })
    const token = await visitor.token()
    expect((await visitor.post('/', { oauth_token: token })).status).toBe(200)
    expect((await visitor.post('/', { 'form-oauth_token': token })).status).toBe(200)
    expect(await visitor.post('/', { csrf_token: token })).toMatchObject(missing)
    expect(() => csrf({ secret, field: '' })).toThrow(/csrf\.field/)
  })

  // One token for all forms of a page; another page gets another one.
  test('token_cached', async () => {
    const { visitor } = await startApp(express5, {
      routes: app => {
        app.get('/two', (_req, res) => void res.send([res.locals.csrfToken(), res.locals.csrfToken()].join()))
      },
    })
    const [one, two] = (await visitor.ask('/two')).text.split(',')
    expect(one).toBe(two)
    expect((await visitor.ask('/two')).text.split(',')[0]).not.toBe(one)
  })

  test('validate', () => {
    const protection = csrf({ secret })
    const { token, headers } = protection.issue(request())
    expect(() => protection.checkToken(request(cookieOf(headers)), [['csrf_token', token]])).not.toThrow()
    const both = request(cookieOf(headers))
    both.headers.set('X-CSRFToken', token)
    expect(() => protection.checkToken(both)).not.toThrow()
    expect(() => protection.checkToken(both, [['csrf_token', 'x']])).toThrow('The CSRF token is invalid.')
  })

  test('validation_errors', () => {
    time.now = 1_800_000_000_000
    const protection = csrf({ secret, clock })
    const { token, headers } = protection.issue(request())
    const other = protection.issue(request())
    const textOf = (token: string | undefined, cookie?: string) => {
      try {
        protection.checkToken(request(cookie), token === undefined ? [] : [['csrf_token', token]])
      } catch (error) {
        return (error as CsrfError).description
      }
    }
    const cookie = cookieOf(headers)
    expect(textOf(undefined)).toBe('The CSRF token is missing.')
    expect(textOf('no session')).toBe('The CSRF session token is missing.')
    expect(textOf('invalid', cookie)).toBe('The CSRF token is invalid.')
    expect(textOf(other.token, cookie)).toBe('The CSRF tokens do not match.')
    time.now -= 61_000
    expect(textOf(token, cookie)).toBe('The CSRF token has expired.')
    time.now += 61_000 + hour + 1
    expect(textOf(token, cookie)).toBe('The CSRF token has expired.')
    expect(textOf(token)).toBe('The CSRF session token is missing.')
  })

  // Flask's `validate_error_logged` for a form: the engine tells its hook, once.
  test('validate_error_logged', async () => {
    const messages: string[] = []
    const uploads = dropgate({
      storage: memoryStorage(),
      csrf: { secret },
      log: () => {},
      onUploadReject: error => void messages.push(error.message),
    })
    await uploads.handle(new Request('http://localhost/uploads', { method: 'POST', body: formOf({}, 'a') }))
    expect(messages).toEqual(['The CSRF token is missing.'])
  })

  test('secrets rotate without anybody noticing, until the old one is dropped', async () => {
    const old = 'the old secret of the app'
    const before = await startApp(express5, { csrf: { secret: old } })
    const early = await before.visitor.token()
    const meet = async (secrets: string | readonly string[], jar: Visitor['jar']) => {
      const visitor = new Visitor((await startApp(express5, { csrf: { secret: secrets } })).origin)
      for (const [name, value] of jar) visitor.jar.set(name, value)
      return visitor
    }
    const both = await meet([secret, old], before.visitor.jar)
    expect((await both.post('/', { csrf_token: early })).status).toBe(200)
    const late = await both.token()
    expect((await both.post('/', { csrf_token: early })).status).toBe(200)

    // Whoever was there meanwhile goes on with the session; the token of the old secret is over.
    const after = await meet(secret, both.jar)
    expect((await after.post('/', { csrf_token: late })).status).toBe(200)
    expect(await after.post('/', { csrf_token: early })).toMatchObject({ text: 'The CSRF token is invalid.' })

    // Whoever was not has to begin anew.
    const absent = await meet(secret, before.visitor.jar)
    expect(await absent.post('/', { csrf_token: early })).toMatchObject({ text: 'The CSRF session token is missing.' })
    const again = await absent.token()
    expect((await absent.post('/', { csrf_token: again })).status).toBe(200)
  })
})
