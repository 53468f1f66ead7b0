/** Rows 58, 61 and 62 of the table of threats: other sites, overridden methods, CORS. */
import express from 'express'
import { describe, expect, test } from 'vitest'
import { expressUploads } from '../../../src/express.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { clock, formOf, missing, secret, startApp } from './app.ts'

const foreign = { status: 403, text: 'The request came from another site.' }

async function start(
  csrf: { publicUrl?: string; trustedOrigins?: string[] } = {},
  before: express.RequestHandler[] = [],
) {
  const storage = memoryStorage()
  const uploads = dropgate({ storage, csrf: { secret, ...csrf }, clock, log: () => {} })
  const app = await startApp(express, {
    csrf,
    before,
    protect: { uploads },
    routes: app => {
      app.use(expressUploads(uploads))
      app.all('/any', (_req, res) => void res.end())
    },
  })
  const stored = async () => (await storage.list()).length
  return { ...app, stored, token: await app.visitor.token() }
}

describe('row 58: another site', () => {
  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another port or subdomain', { 'Sec-Fetch-Site': 'same-site' }],
    ['a word of the future', { 'Sec-Fetch-Site': 'near-origin' }],
    ['another origin', { Origin: 'http://evil.example' }],
    ['an opaque origin', { Origin: 'null' }],
    ['our host with another port', { Origin: 'http://127.0.0.1:1' }],
    ['nonsense', { Origin: 'http://' }],
  ])('%s is refused, for forms and files, even with a good token', async (_name, headers) => {
    const { visitor, token, stored } = await start()
    const all = { ...headers, 'X-CSRFToken': token }
    expect(await visitor.post('/', { csrf_token: token }, headers)).toMatchObject(foreign)
    expect(await visitor.post('/uploads', formOf({}, 'a.txt'), all)).toMatchObject(foreign)
    expect(await stored()).toBe(0)
  })

  test.each([undefined, { secret }])('the engine alone refuses it too, with the options %j', async csrf => {
    const storage = memoryStorage()
    const uploads = dropgate({ storage, ...(csrf && { csrf }), log: () => {} })
    for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'http://evil.example' }]) {
      const post = (path: string) =>
        new Request(`http://127.0.0.1${path}`, { method: 'POST', headers, body: formOf({}, 'a.txt') })
      const answer = await uploads.handle(post('/uploads'))
      expect({ status: answer.status, text: await answer.text() }).toEqual(foreign)
      await expect(uploads.receive(post('/own'))).rejects.toMatchObject({ code: 'cross-site' })
    }
    expect(await storage.list()).toEqual([])
  })

  test('our own pages pass, also those with no-referrer', async () => {
    const { visitor, token, origin } = await start()
    for (const headers of [
      { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' },
      { 'Sec-Fetch-Site': 'none' },
      { Origin: origin },
      { Origin: origin.toUpperCase() },
    ]) {
      expect((await visitor.post('/', { csrf_token: token }, headers)).status, JSON.stringify(headers)).toBe(200)
    }
  })

  test('the origin is no substitute for the token', async () => {
    const { visitor, origin } = await start()
    expect(await visitor.post('/', {}, { Origin: origin, 'Sec-Fetch-Site': 'same-origin' })).toMatchObject(missing)
  })

  test('trusted origins and the public URL pass, letter by letter', async () => {
    const { visitor, token } = await start({
      trustedOrigins: ['https://friend.example'],
      publicUrl: 'https://app.example',
    })
    const from = async (Origin: string) => (await visitor.post('/', { csrf_token: token }, { Origin })).status
    expect(await from('https://friend.example')).toBe(200)
    expect(await from('https://app.example')).toBe(200)
    for (const origin of [
      'http://friend.example',
      'http://app.example',
      'https://friend.example:8443',
      'https://friend.example.evil',
      'https://evil-friend.example',
      'https://sub.app.example',
      'null',
    ]) {
      expect(await from(origin), origin).toBe(403)
    }
  })
})

describe('row 61: a method in disguise', () => {
  const names = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']
  const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']
  const isUnsafe = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method)
  /** What the package of that name does, without its own limits. */
  const methodOverride: express.RequestHandler = (req, _res, next) => {
    const named = names.map(name => req.get(name)).find(Boolean)
    if (named) Object.assign(req, { originalMethod: req.method, method: named.toUpperCase() })
    next()
  }

  test.each([
    ['before the protection', [methodOverride]],
    ['after it, or nowhere', []],
  ])('all pairs are checked as the unsafer of both, with an override %s', async (_name, before) => {
    const { visitor, token } = await start({}, before)
    for (const method of methods) {
      for (const other of methods) {
        for (const name of names) {
          const pair = `${method} as ${other} by ${name}`
          const headers = { [name]: other.toLowerCase() }
          const { status } = await visitor.ask('/any', { method, headers })
          expect(status, pair).toBe(isUnsafe(method) || isUnsafe(other) ? 400 : 200)
          const { status: good } = await visitor.ask('/any', { method, headers: { ...headers, 'X-CSRFToken': token } })
          expect(good, pair).toBe(200)
        }
      }
    }
  })

  test('the endpoint is not taken in either', async () => {
    const { visitor, stored } = await start()
    for (const name of names) {
      expect(await visitor.post('/uploads', formOf({}, 'a.txt'), { [name]: 'GET' })).toMatchObject(missing)
    }
    const site = { 'Sec-Fetch-Site': 'cross-site' }
    expect(await visitor.ask('/any', { headers: { ...site, 'X-HTTP-Method-Override': 'POST' } })).toMatchObject(foreign)
    expect(await stored()).toBe(0)
  })
})

describe('row 62: CORS', () => {
  test('no answer ever has a CORS header, whoever asks', async () => {
    const { visitor, token, origin } = await start({ trustedOrigins: ['https://friend.example'] })
    const origins = [
      origin,
      'null',
      'https://friend.example',
      'https://friend.example.evil',
      'https://evil-friend.example',
      'https://friend.example:8443',
      'https://evil.example',
    ]
    const asks: [string, RequestInit][] = []
    for (const path of ['/', '/any', '/uploads', '/uploads/csrf', '/uploads/x', '/uploads/-/x']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) asks.push([path, { method }])
      asks.push([path, { method: 'POST', headers: { 'X-CSRFToken': token }, body: formOf({}, 'a.txt') }])
      const preflight = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-csrftoken' }
      asks.push([path, { method: 'OPTIONS', headers: preflight }])
    }
    for (const Origin of origins) {
      for (const [path, init] of asks) {
        const { headers } = await visitor.ask(path, { ...init, headers: { ...init.headers, Origin } as HeadersInit })
        const cors = [...headers.keys()].filter(name => name.startsWith('access-control-'))
        expect(cors, `${init.method} ${path} from ${Origin}`).toEqual([])
      }
    }
  })

  test('the token is told to our own pages only, and never kept', async () => {
    const { visitor } = await start({ trustedOrigins: ['https://friend.example'] })
    for (const site of ['cross-site', 'same-site']) {
      expect(await visitor.ask('/uploads/csrf', { headers: { 'Sec-Fetch-Site': site } })).toMatchObject(foreign)
    }
    const own = await visitor.ask('/uploads/csrf', { headers: { 'Sec-Fetch-Site': 'same-origin' } })
    expect(JSON.parse(own.text)).toEqual({ csrfToken: expect.stringMatching(/^[\w-]{100}$/), expiresIn: 3600 })
    expect(own.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(own.headers.get('cache-control')).toBe('no-store')
    expect(own.headers.get('vary')).toBe('Cookie, Sec-Fetch-Site')
  })
})

test('every refusal is plain text that nobody sniffs or keeps', async () => {
  const { visitor } = await start()
  for (const { headers } of [
    await visitor.post('/'),
    await visitor.post('/uploads', formOf({}, 'a')),
    await visitor.post('/', {}, { Origin: 'null' }),
  ]) {
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
  }
})
