/**
 * The cases of Flask-WTF's own tests of its CSRF protection, restated for Express under the same names. Where a word
 * means another thing here, a comment says so.
 */
import express5 from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { CsrfError } from '../../../src/csrf.ts'
import { csrfProtect, receiveFiles } from '../../../src/express.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { client, head } from '../adapters/serving.ts'
import { clock, formOf, missing, secret, startApp, time } from './app.ts'

const hour = 3_600_000

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('CSRFProtect on %s', (_, express) => {
  // Flask's template function is `res.locals.csrfToken()`. The header is set from the same call, so both are one token.
  test('render_token', async () => {
    const { visitor } = await startApp(express, {
      routes: app => {
        app.get('/form', (_req, res) => {
          const field = `<input type="hidden" name="csrf_token" value="${res.locals.csrfToken()}">`
          res.set('X-CSRF-Token', res.locals.csrfToken()).send(field)
        })
      },
    })
    const { text, headers } = await visitor.ask('/form')
    const token = headers.get('x-csrf-token') as string
    expect(text).toBe(`<input type="hidden" name="csrf_token" value="${token}">`)
    expect(await visitor.post('/', { csrf_token: token })).toMatchObject({ status: 200, text: 'good' })
  })

  // WTF_CSRF_ENABLED = False is to leave the middleware out; WTF_CSRF_CHECK_DEFAULT = False is to put it before single
  // routes only. A route that does not exist is 404 in Flask without a check; a middleware does not know the routes.
  test('protect', async () => {
    const { visitor, protection } = await startApp(express)
    expect(await visitor.post('/')).toMatchObject(missing)
    expect((await visitor.ask('/', { method: 'OPTIONS' })).status).toBe(200)
    expect((await visitor.post('/not-found')).status).toBe(400)

    const token = await visitor.token()
    expect((await visitor.post('/not-found', { csrf_token: token })).status).toBe(404)
    expect((await visitor.post('/', { csrf_token: token })).status).toBe(200)
    expect((await visitor.post('/', { 'prefix-csrf_token': token })).status).toBe(200)
    expect((await visitor.post('/', { 'prefix-csrf_token': '' })).status).toBe(400)
    expect((await visitor.post('/', undefined, { 'X-CSRF-Token': token })).status).toBe(200)
    expect((await visitor.post('/', undefined, { 'X-CSRFToken': token })).status).toBe(200)

    const single = await startApp(express, {
      csrf: { secret: 'another app, other routes' },
      protect: { exempt: ['/', '/*'] },
      routes: app => void app.post('/one', csrfProtect(protection), (_req, res) => void res.send('good')),
    })
    expect((await single.visitor.post('/')).status).toBe(200)
    expect(await single.visitor.post('/one')).toMatchObject(missing)
  })

  // All methods of Flask's list, and none beside it.
  test('protect: POST, PUT, PATCH and DELETE are checked, or the methods of the option', async () => {
    const { visitor } = await startApp(express, { routes: app => void app.use((_req, res) => void res.send('good')) })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await visitor.ask('/', { method }), method).toMatchObject(missing)
    }
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect((await visitor.ask('/', { method })).status, method).toBe(200)
    }
    const own = await startApp(express, { csrf: { methods: ['put'] } })
    expect((await own.visitor.ask('/', { method: 'PUT' })).status).toBe(400)
    expect((await own.visitor.post('/')).status).toBe(200)
  })

  // A field comes before a header, and the first one that is there decides: no second chance.
  test('protect: the first token that is found decides', async () => {
    const { visitor } = await startApp(express, { before: [express.urlencoded({ extended: false })] })
    const token = await visitor.token()
    const wrong = { status: 400, text: 'The CSRF token is invalid.' }
    expect(await visitor.post('/', { csrf_token: token, 'a-csrf_token': 'x' })).toMatchObject({ status: 200 })
    expect(await visitor.post('/', { 'a-csrf_token': 'x', csrf_token: token })).toMatchObject({ status: 200 })
    expect(await visitor.post('/', { csrf_token: 'x', 'a-csrf_token': token })).toMatchObject(wrong)
    expect(await visitor.post('/', { 'a-csrf_token': 'x', 'b-csrf_token': token })).toMatchObject(wrong)
    expect(await visitor.post('/', undefined, { 'X-CSRFToken': 'x', 'X-CSRF-Token': token })).toMatchObject(wrong)
    // Where Flask reads the field, we go by the header and leave the body alone.
    expect(await visitor.post('/', { csrf_token: token }, { 'X-CSRFToken': 'x' })).toMatchObject(wrong)
  })

  // Off by default here, because the browser's own word comes first and pages with `no-referrer` shall work. The
  // referrer is looked at before the token, because it needs no body.
  test('same_origin', async () => {
    const { visitor, protection } = await startApp(express, {
      csrf: { sslStrict: true, publicUrl: 'https://localhost', trustedOrigins: ['https://friend.example'] },
    })
    const headers = { 'X-CSRF-Token': await visitor.token() }
    const from = (referrer: string) => visitor.post('/', undefined, { ...headers, Referer: referrer })
    const mismatch = { status: 400, text: 'The referrer does not match the host.' }
    expect(await visitor.post('/', undefined, headers)).toMatchObject({ text: 'The referrer header is missing.' })
    for (const referrer of ['http://localhost/', 'https://other/', 'https://localhost:8080/', 'nonsense']) {
      expect(await from(referrer), referrer).toMatchObject(mismatch)
    }
    expect((await from('https://localhost/')).status).toBe(200)
    // Flask-WTF takes an explicit default port for another one, and knows no trusted origins.
    expect((await from('https://localhost:443/page?x')).status).toBe(200)
    expect((await from('https://friend.example/')).status).toBe(200)

    const direct = (Referer: string) =>
      protection.checkSite(new Request('https://localhost/', { method: 'POST', headers: { Referer } }))
    expect(() => direct('https://localhost/')).not.toThrow()
    expect(() => direct('https://localhost.evil/')).toThrow(mismatch.text)
    const plain = await startApp(express, { csrf: { sslStrict: true } })
    expect((await plain.visitor.post('/', { csrf_token: await plain.visitor.token() })).status).toBe(200)
  })

  // Flask-WTF marks the request, so that a form does not check again without its field. Here the form's own check is
  // the engine's: a header that was good for the app is good for the route, and no field is needed.
  test('form_csrf_short_circuit', async () => {
    const storage = memoryStorage()
    const uploads = dropgate({ storage, csrf: { secret }, clock, log: () => {} })
    const { visitor } = await startApp(express, {
      routes: app => {
        app.post(
          '/skip',
          receiveFiles(uploads, async (files, _req, res) => {
            for await (const file of files) await file.save()
            res.send('saved')
          }),
        )
      },
    })
    const token = await visitor.token()
    const answer = await visitor.post('/skip', formOf({}, 'a.txt'), { 'X-CSRF-Token': token })
    expect(answer).toMatchObject({ status: 200, text: 'saved' })
    expect((await storage.list()).map(({ name }) => name)).toEqual(['a.txt'])
  })

  // Views are exempt by path instead of by decorator or name.
  test('exempt_view', async () => {
    const { visitor } = await startApp(express, {
      protect: { exempt: ['/exempt'] },
      routes: app => void app.post(['/exempt', '/exempted'], (_req, res) => void res.send('open')),
    })
    expect(await visitor.post('/exempt')).toMatchObject({ status: 200, text: 'open' })
    expect(await visitor.post('/exempt?a=b', { x: 'y' })).toMatchObject({ status: 200, text: 'open' })
    for (const path of ['/exempted', '/exempt/', '/Exempt', '/', '/?/exempt']) {
      expect(await visitor.post(path), path).toMatchObject(missing)
    }
  })

  // `csrf.protect()` inside an exempt view is the middleware before that route.
  test('manual_protect', async () => {
    const { visitor } = await startApp(express, {
      protect: { exempt: ['/manual'] },
      routes: (app, protection) => {
        app.all('/manual', csrfProtect(protection), (_req, res) => void res.send('good'))
      },
    })
    expect((await visitor.ask('/manual')).status).toBe(200)
    expect(await visitor.post('/manual')).toMatchObject(missing)
    expect((await visitor.post('/manual', { csrf_token: await visitor.token() })).status).toBe(200)
  })

  // A blueprint is a mounted router.
  test('exempt_blueprint', async () => {
    const router = express.Router()
    router.post('/', (_req, res) => void res.send('open'))
    const { visitor } = await startApp(express, {
      protect: { exempt: ['/exempt/*'] },
      routes: app => void app.use('/exempt', router),
    })
    expect(await visitor.post('/exempt/')).toMatchObject({ status: 200, text: 'open' })
    expect(await visitor.post('/')).toMatchObject(missing)
  })

  test('exempt_nested_blueprint', async () => {
    const inner = express.Router()
    inner.post('/deep', (_req, res) => void res.send('open'))
    const outer = express.Router()
    outer.use('/inner', inner)
    outer.post('/guarded', (_req, res) => void res.send('checked'))
    const { visitor, port } = await startApp(express, {
      protect: { exempt: ['/outer/inner/*'] },
      routes: app => void app.use('/outer', outer),
    })
    expect(await visitor.post('/outer/inner/deep')).toMatchObject({ status: 200, text: 'open' })
    expect(await visitor.post('/outer/guarded')).toMatchObject(missing)
    // What only looks like an exempt path is none.
    for (const target of ['/outer/guarded/../inner/x', '/outer/inner/../guarded', '/outer/inner/%2e%2e/guarded']) {
      const one = await client(port)
      await one.write(head('POST', target, 'Content-Length: 0'))
      expect(await one.answer(), target).toMatchObject({ status: 400, body: missing.text })
    }
  })

  // The three lines of the original, as `onError`.
  test('error_handler', async () => {
    const { visitor } = await startApp(express, {
      protect: {
        onError: (error, _req, res) => {
          res.statusCode = 418
          res.end(error.description.toLowerCase())
        },
      },
    })
    expect(await visitor.post('/')).toMatchObject({ status: 418, text: 'the csrf token is missing.' })
  })

  // The seed's handler, `return e.description, 400`, as documented.
  test('error_handler: three lines, for other sites as well', async () => {
    const { visitor } = await startApp(express, {
      protect: {
        onError: (error, _req, res) => {
          res.status(400).type('text').send(error.description)
        },
      },
    })
    const foreign = await visitor.post('/', {}, { Origin: 'https://evil.example' })
    expect(foreign).toMatchObject({ status: 400, text: 'The request came from another site.' })
    const answer = await visitor.post('/')
    expect(answer).toMatchObject(missing)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    // No refusal of this kind, so not its business.
    const big = { a: 'x'.repeat(2 ** 20) }
    expect(await visitor.post('/', big)).toMatchObject({ status: 413, text: 'A field is too long.' })
  })

  test("error_handler: the app's own error middleware gets a CsrfError", async () => {
    const { visitor } = await startApp(express, {
      protect: { onError: (error, _req, _res, next) => next(error) },
      routes: app => {
        const handler: import('express').ErrorRequestHandler = (error, _req, res, next) =>
          error instanceof CsrfError ? void res.status(400).type('text').send(error.description) : next(error)
        app.use(handler)
      },
    })
    expect(await visitor.post('/')).toMatchObject(missing)
  })

  // Flask logs the sentence at INFO. The app sees each refusal once, in `onError`.
  test('validate_error_logged', async () => {
    const messages: string[] = []
    const { visitor } = await startApp(express, {
      protect: {
        onError: (error, _req, res) => {
          messages.push(error.message)
          res.end()
        },
      },
    })
    await visitor.post('/')
    expect(messages).toEqual(['The CSRF token is missing.'])
  })

  test('form_csrf', async () => {
    const { visitor } = await startApp(express)
    const token = await visitor.token()
    expect(await visitor.post('/')).toMatchObject({ text: 'The CSRF token is missing.' })
    expect(await visitor.post('/', { csrf_token: token })).toMatchObject({ status: 200, text: 'good' })
  })

  test('a token expires after an hour, or never', async () => {
    const { visitor } = await startApp(express)
    const token = await visitor.token()
    time.now += hour
    expect((await visitor.post('/', { csrf_token: token })).status).toBe(200)
    time.now += 1
    const expired = { status: 400, text: 'The CSRF token has expired.' }
    expect(await visitor.post('/', { csrf_token: token })).toMatchObject(expired)
    expect((await visitor.post('/', { csrf_token: await visitor.token() })).status).toBe(200)

    const endless = await startApp(express, { csrf: { timeLimit: null } })
    const old = await endless.visitor.token()
    time.now += 10_000 * hour
    expect((await endless.visitor.post('/', { csrf_token: old })).status).toBe(200)
  })
})
