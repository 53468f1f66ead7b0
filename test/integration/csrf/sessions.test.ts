/** What a token is bound to: the app's session, or a cookie of our own. */
import { randomUUID } from 'node:crypto'
import cookieSession from 'cookie-session'
import express, { type Express, type Request } from 'express'
import session from 'express-session'
import { describe, expect, test } from 'vitest'
import { expressUploads } from '../../../src/express.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import type { IncomingRequest } from '../../../src/upload/request.ts'
import { clock, formOf, missing, secret, startApp, Visitor } from './app.ts'

const noMatch = { status: 400, text: 'The CSRF tokens do not match.' }

describe('express-session', () => {
  const sessionId = ({ raw }: IncomingRequest) => (raw as Request).session.id
  const start = (saveUninitialized = true) =>
    startApp(express, {
      csrf: { sessionId },
      before: [session({ secret, resave: false, saveUninitialized })],
      routes: app => {
        app.post('/login', (req, res, next) => req.session.regenerate(error => (error ? next(error) : res.send('in'))))
        app.post('/logout', (req, res, next) => req.session.destroy(error => (error ? next(error) : res.send('out'))))
      },
    })

  test('a token is good for its session, and no cookie of ours is set', async () => {
    const { visitor, origin } = await start()
    const token = await visitor.token()
    expect([...visitor.jar.keys()]).toEqual(['connect.sid'])
    expect((await visitor.post('/', { csrf_token: token })).status).toBe(200)
    const other = new Visitor(origin)
    await other.token()
    expect(await other.post('/', { csrf_token: token })).toMatchObject(noMatch)
  })

  test('a login changes the id of the session, and the tokens of before are dead', async () => {
    const { visitor } = await start()
    const before = await visitor.token()
    expect((await visitor.post('/login', { csrf_token: before })).text).toBe('in')
    expect(await visitor.post('/', { csrf_token: before })).toMatchObject(noMatch)
    const after = await visitor.token()
    expect((await visitor.post('/', { csrf_token: after })).status).toBe(200)
    await visitor.post('/logout', { csrf_token: after })
    expect(await visitor.post('/', { csrf_token: after })).toMatchObject(noMatch)
  })

  test('row 60: who planted the session before the login has no token after it', async () => {
    const { visitor, origin } = await start()
    const planted = await visitor.token()
    const victim = new Visitor(origin)
    for (const [name, value] of visitor.jar) victim.jar.set(name, value)
    await victim.post('/login', { csrf_token: await victim.token() })
    expect(await victim.post('/', { csrf_token: planted })).toMatchObject(noMatch)
  })

  test('a session that is not kept can not hold a token', async () => {
    const { visitor } = await start(false)
    const token = await visitor.token()
    expect(visitor.jar.size).toBe(0)
    expect(await visitor.post('/', { csrf_token: token })).toMatchObject(noMatch)
  })
})

describe('cookie-session', () => {
  const sessionId = ({ raw }: IncomingRequest) => (raw as Request).session?.id as string | undefined
  const start = () =>
    startApp(express, {
      csrf: { sessionId },
      before: [
        cookieSession({ name: 'session', keys: [secret] }),
        (req, _res, next) => {
          if (req.session && req.method === 'GET') req.session.id ??= randomUUID()
          next()
        },
      ],
      routes: app => {
        app.post('/login', (req, res) => {
          if (req.session) req.session.id = randomUUID()
          res.send('in')
        })
      },
    })

  test('a token is good for its session, until the login', async () => {
    const { visitor } = await start()
    const before = await visitor.token()
    expect([...visitor.jar.keys()]).toEqual(['session', 'session.sig'])
    expect((await visitor.post('/', { csrf_token: before })).status).toBe(200)
    expect((await visitor.post('/login', { csrf_token: before })).text).toBe('in')
    expect(await visitor.post('/', { csrf_token: before })).toMatchObject(noMatch)
    expect((await visitor.post('/', { csrf_token: await visitor.token() })).status).toBe(200)
  })

  test('without a session there is a text of its own', async () => {
    const { visitor, origin } = await start()
    const token = await visitor.token()
    expect(await new Visitor(origin).post('/', { csrf_token: token })).toMatchObject({
      status: 400,
      text: 'The CSRF session token is missing.',
    })
  })
})

describe('our own cookie', () => {
  test('is set by the first token and kept; a page that makes none is left alone', async () => {
    const { visitor } = await startApp(express, {
      routes: app => void app.get('/none', (_req, res) => void res.send('')),
    })
    expect((await visitor.ask('/none')).headers.getSetCookie()).toEqual([])
    const first = await visitor.ask('/')
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^dropgate=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(first.headers.get('vary')).toContain('Cookie')
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect((await visitor.ask('/')).headers.getSetCookie()).toEqual([])
    expect(await visitor.post('/', { csrf_token: first.headers.get('x-csrf-token') as string })).toMatchObject({
      status: 200,
    })
  })

  test('is one for all helpers of a page, also at the very first visit', async () => {
    const uploads = dropgate({ storage: memoryStorage(), csrf: { secret }, clock, log: () => {} })
    const { visitor } = await startApp(express, {
      protect: { uploads },
      routes: (app: Express) => {
        app.use(expressUploads(uploads))
        app.get('/page', (_req, res) => {
          res.json([
            res.locals.csrfToken(),
            res.locals.dropzone.csrfToken(),
            uploads
              .pageSync({
                method: 'GET',
                url: '/page',
                headers: new Headers(),
                body: null,
                raw: res.req,
              })
              .csrfToken(),
          ])
        })
      },
    })
    const tokens = JSON.parse((await visitor.ask('/page')).text) as string[]
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) {
      expect(await visitor.post('/', { csrf_token: token })).toMatchObject({ status: 200, text: 'good' })
      expect((await visitor.post('/uploads', formOf({ csrf_token: token }, 'a.txt'))).status).toBe(201)
    }
  })

  test('is __Host- and Secure exactly when the public URL is https', async () => {
    const secure = await startApp(express, { csrf: { publicUrl: 'https://app.example' } })
    expect((await secure.visitor.ask('/')).headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-dropgate=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ])
    const plain = await startApp(express, { csrf: { publicUrl: 'http://app.example' } })
    expect((await plain.visitor.ask('/')).headers.getSetCookie()).toEqual([expect.not.stringContaining('Secure')])
  })

  test('row 60: a sibling subdomain can plant plain names only, and they count for nothing', async () => {
    const { origin, visitor } = await startApp(express, { csrf: { publicUrl: 'https://app.example' } })
    const token = await visitor.token()
    const attacker = new Visitor(origin)
    const planted = await attacker.token()
    const plantedCookie = attacker.jar.get('__Host-dropgate') as string
    for (const name of ['dropgate', '__host-dropgate', '__Secure-dropgate']) visitor.jar.set(name, plantedCookie)
    expect(await visitor.post('/', { csrf_token: planted })).toMatchObject(noMatch)
    expect((await visitor.post('/', { csrf_token: token })).status).toBe(200)
    visitor.jar.delete('__Host-dropgate')
    expect(await visitor.post('/', { csrf_token: planted })).toMatchObject({
      text: 'The CSRF session token is missing.',
    })
  })

  test('a token in it, or in the query, is none', async () => {
    const { visitor } = await startApp(express)
    const token = await visitor.token()
    visitor.jar.set('csrf_token', token).set('X-CSRFToken', token)
    expect(await visitor.post(`/?csrf_token=${token}`)).toMatchObject(missing)
  })
})
