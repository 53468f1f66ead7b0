/** Whose body it is: the protection looks at ordinary forms, and never touches a multipart stream. */
import express5, { type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import multer from 'multer'
import { describe, expect, test } from 'vitest'
import { expressUploads, receiveFiles } from '../../../src/express.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { clock, formOf, missing, secret, startApp } from './app.ts'

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('on %s', (_, express) => {
  const echo: RequestHandler = (req, res) => void res.json(req.body)
  const urlencoded = () => express.urlencoded({ extended: true })

  describe('an ordinary form', () => {
    const start = (before: RequestHandler[], after: RequestHandler[]) =>
      startApp(express, { before, routes: app => void app.post('/echo', ...after, echo) })

    test.each([
      ['by us alone', [], []],
      ["by us, with Express's parser after us", [], [urlencoded()]],
      ["by Express's parser before us", [urlencoded()], []],
      ['by parsers before and after us', [express.json(), urlencoded()], [express.json(), urlencoded()]],
    ])('is read %s, and the route gets its fields', async (_name, before, after) => {
      const { visitor } = await start(before, after)
      const token = await visitor.token()
      const fields = { csrf_token: token, name: 'Zoë & co', empty: '' }
      const { status, text } = await visitor.post('/echo', fields)
      expect([status, JSON.parse(text)]).toEqual([200, fields])
      expect(await visitor.post('/echo', { name: 'x' })).toMatchObject(missing)
    })

    test('may name a field twice; a field called __proto__ is a field', async () => {
      const { visitor } = await start([], [])
      const token = await visitor.token()
      const body = new URLSearchParams([
        ['a', '1'],
        ['a', '2'],
        ['__proto__', 'x'],
        ['csrf_token', token],
      ])
      expect((await visitor.post('/echo', body)).text).toBe(`{"a":["1","2"],"__proto__":"x","csrf_token":"${token}"}`)
      // Two tokens are none: which one counts must not depend on the parser.
      const two = new URLSearchParams([
        ['csrf_token', token],
        ['csrf_token', token],
      ])
      expect(await visitor.post('/echo', two)).toMatchObject(missing)
    })

    test('of more than 1 MiB is refused', async () => {
      const { visitor } = await start([], [])
      const csrf_token = await visitor.token()
      const room = 1024 * 1024 - `csrf_token=${csrf_token}&a=`.length
      expect((await visitor.post('/echo', { csrf_token, a: 'x'.repeat(room) })).status).toBe(200)
      const answer = await visitor.post('/echo', { csrf_token, a: 'x'.repeat(room + 1) })
      expect(answer).toMatchObject({ status: 413, text: 'A field is too long.' })
    })
  })

  test('a JSON route needs the header, and gets its body whole', async () => {
    const { visitor } = await startApp(express, { routes: app => void app.post('/json', express.json(), echo) })
    const token = await visitor.token()
    const type = { 'Content-Type': 'application/json' }
    expect(await visitor.post('/json', '{"a":1}', type)).toMatchObject(missing)
    expect(await visitor.post('/json', '{"a":1}', { ...type, 'X-CSRFToken': token })).toMatchObject({ text: '{"a":1}' })
  })

  test('any other kind of body needs the header', async () => {
    const { visitor } = await startApp(express)
    const token = await visitor.token()
    for (const type of ['text/plain', 'application/octet-stream', 'multipart/mixed; boundary=b', 'nonsense', '']) {
      const headers = { 'Content-Type': type }
      expect(await visitor.post('/', `csrf_token=${token}`, headers), type).toMatchObject(missing)
      expect((await visitor.post('/', 'x', { ...headers, 'X-CSRF-Token': token })).status, type).toBe(200)
    }
  })

  describe('a form with files', () => {
    const start = async () => {
      const storage = memoryStorage()
      const uploads = dropgate({ storage, csrf: { secret }, clock, log: () => {} })
      const seen: string[] = []
      const count: RequestHandler = (req, _res, next) => {
        seen.push(req.path)
        next()
      }
      const save = receiveFiles(uploads, async (files, _req, res) => {
        for await (const file of files) await file.save()
        res.json(Object.fromEntries(files.fields))
      })
      const routes = (app: Express) => {
        app.use(expressUploads(uploads))
        app.post('/multer', count, multer().single('file'), (req, res) => {
          res.send(String((req as { file?: { size: number } }).file?.size))
        })
        app.post('/own', count, save)
        app.post('/unlisted', count, save)
      }
      const app = await startApp(express, { protect: { uploads, uploadRoutes: ['/own'] }, routes })
      const names = async () => (await storage.list()).map(({ name }) => name).sort()
      return { ...app, seen, names }
    }
    const late = (token: string) => {
      const form = formOf({}, 'late.txt')
      form.append('csrf_token', token)
      return form
    }

    test('reaches a multer route whole when the token is in a header', async () => {
      const { visitor, seen } = await start()
      const token = await visitor.token()
      for (const header of ['X-CSRFToken', 'X-CSRF-Token']) {
        expect(await visitor.post('/multer', formOf({}, 'a'), { [header]: token })).toMatchObject({
          status: 200,
          text: '1',
        })
      }
      expect(seen).toEqual(['/multer', '/multer'])
    })

    test('never reaches a multer route without: not even with the right field', async () => {
      const { visitor, seen } = await start()
      const token = await visitor.token()
      expect(await visitor.post('/multer', formOf({}, 'a'))).toMatchObject(missing)
      expect(await visitor.post('/multer', formOf({ csrf_token: token }, 'a'))).toMatchObject(missing)
      const wrong = { status: 400, text: 'The CSRF token is invalid.' }
      expect(await visitor.post('/multer', formOf({ csrf_token: token }, 'a'), { 'X-CSRFToken': 'x' })).toMatchObject(
        wrong,
      )
      const odd = { 'Content-Type': 'Multipart/Form-Data ; boundary=b' }
      expect(await visitor.post('/multer', '--b--\r\n', odd)).toMatchObject(missing)
      expect(seen).toEqual([])
    })

    test('to a listed route of ours may carry the field before the first file', async () => {
      const { visitor, names } = await start()
      const token = await visitor.token()
      const answer = await visitor.post('/own', formOf({ csrf_token: token, note: 'n' }, 'a.txt', 'b.txt'))
      expect(answer).toMatchObject({ status: 200, text: JSON.stringify({ csrf_token: token, note: 'n' }) })
      expect((await visitor.post('/own', formOf({}, 'c.txt'), { 'X-CSRFToken': token })).status).toBe(200)
      expect(await names()).toEqual(['a.txt', 'b.txt', 'c.txt'])
    })

    test('to a listed route of ours stores nothing without it, or when it comes after the file', async () => {
      const { visitor, names } = await start()
      const token = await visitor.token()
      expect(await visitor.post('/own', formOf({}, 'a.txt'))).toMatchObject(missing)
      expect(await visitor.post('/own', late(token))).toMatchObject(missing)
      expect(await visitor.post('/own', formOf({ csrf_token: 'x' }, 'a.txt'))).toMatchObject({ status: 400 })
      expect(await names()).toEqual([])
    })

    test('without any file still needs the field', async () => {
      const { visitor } = await start()
      const token = await visitor.token()
      expect(await visitor.post('/own', formOf({ note: 'n' }))).toMatchObject(missing)
      expect((await visitor.post('/own', formOf({ note: 'n', csrf_token: token }))).status).toBe(200)
    })

    test('to a route that nobody listed is refused unread', async () => {
      const { visitor, seen } = await start()
      const token = await visitor.token()
      expect(await visitor.post('/unlisted', formOf({ csrf_token: token }, 'a.txt'))).toMatchObject(missing)
      expect(seen).toEqual([])
    })

    test('to the endpoint is checked by the engine: field, header, nothing, too late', async () => {
      const { visitor, names } = await start()
      const token = await visitor.token()
      expect((await visitor.post('/uploads', formOf({ csrf_token: token }, 'a.txt'))).status).toBe(201)
      expect((await visitor.post('/uploads', formOf({}, 'b.txt'), { 'X-CSRFToken': token })).status).toBe(201)
      expect(await visitor.post('/uploads', formOf({}, 'c.txt'))).toMatchObject(missing)
      expect(await visitor.post('/uploads', late(token))).toMatchObject(missing)
      expect(await names()).toEqual(['a.txt', 'b.txt'])
    })
  })
})
