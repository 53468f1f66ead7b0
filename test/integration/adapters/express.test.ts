/// <reference path="./untyped.d.ts" />
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express5 from 'express'
import express4 from 'express4'
import multer from 'multer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expressUploads, receiveFiles, uploadErrors } from '../../../src/adapters/express.ts'
import { prepareServer } from '../../../src/adapters/node-bridge/prepare-server.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { UploadError } from '../../../src/sansio/errors.ts'
import { dropgate } from '../../../src/server/create.ts'
import type { Uploads } from '../../../src/server/types.ts'
import { diskStorage } from '../../../src/storages/disk/storage.ts'
import { client, head, serve } from './serving.ts'
import { smallEngine } from './small-engine.ts'

const neutral = 'The upload could not be read by the server.'
let folder: string
let lines: string[]
let uploads: Uploads

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dropgate-express-'))
  lines = []
  uploads = dropgate({ storage: memoryStorage(), policy: { maxFileSize: '1 MiB' }, log: line => lines.push(line) })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function form(name = 'a.txt', content = 'hello'): FormData {
  const data = new FormData()
  data.set('file', new File([content], name, { type: 'text/plain' }))
  return data
}

const answerOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  body: await response.text(),
})
const refusal = (status: number, body: string) => ({ status, type: 'text/plain; charset=utf-8', body })

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_, express) => {
  const start = async (app: ReturnType<typeof express>): Promise<string> =>
    `http://127.0.0.1:${await serve(prepareServer(createServer(app) as Server))}`
  const post = (url: string, body: BodyInit) => fetch(url, { method: 'POST', body })

  test('serves the endpoint and leaves other routes alone', async () => {
    const app = express()
    app.use(expressUploads(uploads))
    app.get('/other', (_req, res) => void res.send('other'))
    const url = await start(app)
    expect((await post(`${url}/uploads`, form())).status).toBe(201)
    expect(await (await fetch(`${url}/other`)).text()).toBe('other')
    expect((await fetch(`${url}/uploadsandmore`)).status).toBe(404)
  })

  test('serves the endpoint in a mounted router by its whole path', async () => {
    const sub = dropgate({ path: '/sub/uploads', storage: memoryStorage(), log: () => {} })
    const router = express.Router()
    router.use(expressUploads(sub))
    const app = express()
    app.use('/sub', router)
    expect((await post(`${await start(app)}/sub/uploads`, form())).status).toBe(201)
  })

  test('dot segments under the endpoint are 404, elsewhere they are the business of the app', async () => {
    const app = express()
    app.use(expressUploads(uploads))
    app.use((_req, res) => void res.send('app'))
    const one = await client(Number(new URL(await start(app)).port))
    await one.write(head('GET', '/uploads/../x'))
    expect((await one.answer()).status).toBe(404)
    await one.write(head('GET', '/x/../y'))
    expect(await one.answer()).toMatchObject({ status: 200, body: 'app' })
  })

  test('a route of its own saves files as they arrive', async () => {
    const disk = dropgate({ storage: diskStorage(join(folder, 'engine')), log: () => {} })
    const app = express()
    app.post(
      '/mine',
      receiveFiles(disk, async (files, _req, res) => {
        for await (const file of files) await file.save(join(folder, 'mine'))
        res.sendStatus(204)
      }),
    )
    const data = form()
    data.append('file', new File(['two'], 'b.txt'))
    expect((await post(`${await start(app)}/mine`, data)).status).toBe(204)
    const names = await readdir(join(folder, 'mine'))
    expect(names.filter(name => !name.startsWith('.')).sort()).toEqual(['a.txt', 'b.txt'])
    expect(await readFile(join(folder, 'mine', 'b.txt'), 'utf8')).toBe('two')
  })

  test('a refusal thrown by the route is answered in words, with 16 MiB still to come', async () => {
    const app = express()
    app.post(
      '/mine',
      receiveFiles(uploads, async files => {
        for await (const file of files) {
          if (file.extension !== '.png') throw new UploadError('type-not-allowed', 'PNG only!')
        }
      }),
    )
    const one = await client(Number(new URL(await start(app)).port), { reading: false })
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    const size = 16 * 1024 * 1024
    const type = 'Content-Type: multipart/form-data; boundary=b'
    await one.write(head('POST', '/mine', `Content-Length: ${size + part.length}`, type) + part)
    expect(await one.writeZeros(size)).toBe(size)
    one.socket.resume()
    expect(await one.answer()).toMatchObject({ status: 415, body: 'PNG only!' })
  })

  test('other errors of the route reach the error middleware of the app', async () => {
    const app = express()
    app.post(
      '/mine',
      receiveFiles(uploads, async () => {
        throw new RangeError('mine')
      }),
    )
    app.use(
      ((error, _req, res, _next) =>
        void res.status(418).send(error.message)) satisfies import('express').ErrorRequestHandler,
    )
    expect(await answerOf(await post(`${await start(app)}/mine`, form()))).toMatchObject({ status: 418, body: 'mine' })
  })

  test('a route that reads no file may answer all the same', async () => {
    const app = express()
    app.post(
      '/mine',
      receiveFiles(uploads, async (_files, _req, res) => void res.status(202).send('later')),
    )
    const one = await client(Number(new URL(await start(app)).port), { reading: false })
    for (const last of ['', 'Connection: close']) {
      const lines = [`Content-Length: ${8 << 20}`, 'Content-Type: multipart/form-data; boundary=b', last]
      await one.write(head('POST', '/mine', ...lines.filter(Boolean)))
      expect(await one.writeZeros(8 << 20)).toBe(8 << 20)
      one.socket.resume()
      expect(await one.answer()).toMatchObject({ status: 202, body: 'later' })
      one.socket.pause()
    }
    one.socket.resume()
    await one.until(() => one.ended)
    expect(one.error).toBeUndefined()
  })

  test.each(['leaves the loop', 'forgets its iterator'])('a route that %s leaves no sender waiting', async how => {
    const app = express()
    app.post(
      '/mine',
      receiveFiles(uploads, async (files, _req, res) => {
        const iterator = files[Symbol.asyncIterator]()
        await iterator.next()
        if (how === 'leaves the loop') await iterator.return?.()
        res.send('enough')
      }),
    )
    const one = await client(Number(new URL(await start(app)).port), { reading: false })
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    const size = 900_000
    const type = 'Content-Type: multipart/form-data; boundary=b'
    for (let turn = 0; turn < 3; turn++) {
      await one.write(head('POST', '/mine', `Content-Length: ${16 * size + part.length}`, type) + part)
      expect(await one.writeZeros(16 * size)).toBe(16 * size)
      one.socket.resume()
      expect(await one.answer()).toMatchObject({ status: 200, body: 'enough' })
      one.socket.pause()
    }
  })

  test('uploadErrors answers refusals from anywhere and passes the rest on', async () => {
    const app = express()
    app.get('/refused', () => {
      throw new UploadError('rejected', 'Not today.')
    })
    app.get('/broken', () => {
      throw new RangeError('mine')
    })
    app.use(uploadErrors())
    app.use(
      ((error, _req, res, _next) =>
        void res.status(418).send(error.message)) satisfies import('express').ErrorRequestHandler,
    )
    const url = await start(app)
    expect(await answerOf(await fetch(`${url}/refused`))).toEqual(refusal(422, 'Not today.'))
    expect((await fetch(`${url}/broken`)).status).toBe(418)
  })

  describe('somebody read the body before us', () => {
    test.each([
      ['express.raw', () => express.raw({ type: () => true })],
      ['express.text', () => express.text({ type: () => true })],
      ['multer', () => multer().any()],
    ])('%s: 500 in neutral words, one line for the operator, no hang', async (_name, parser) => {
      const app = express()
      app.use(parser(), expressUploads(uploads))
      app.post(
        '/mine',
        receiveFiles(uploads, async files => {
          for await (const _ of files);
        }),
      )
      const url = await start(app)
      expect(await answerOf(await post(`${url}/uploads`, form()))).toEqual(refusal(500, neutral))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain('before')
      expect(await answerOf(await post(`${url}/mine`, form()))).toEqual(refusal(500, neutral))
    })

    test('express.json and urlencoded before us do not hurt a form with files', async () => {
      const app = express()
      app.use(express.json(), express.urlencoded({ extended: true }), expressUploads(uploads))
      const url = await start(app)
      expect((await post(`${url}/uploads`, form())).status).toBe(201)
      expect(lines).toEqual([])
    })

    test('bodies that are theirs get an answer, too', async () => {
      const app = express()
      app.use(express.json(), express.urlencoded({ extended: true }), expressUploads(uploads))
      const url = `${await start(app)}/uploads`
      const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
      expect((await fetch(url, json)).status).toBeGreaterThanOrEqual(400)
      expect((await post(url, new URLSearchParams({ a: 'b' }))).status).toBeGreaterThanOrEqual(400)
    })

    test('parsers after us get the bodies of other routes whole', async () => {
      const app = express()
      app.use(expressUploads(uploads), express.json())
      app.post('/json', (req, res) => void res.json(req.body))
      app.post('/multer', multer().single('file'), (req, res) => void res.send(String(Reflect.get(req, 'file').size)))
      const url = await start(app)
      const json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
      expect(await (await fetch(`${url}/json`, json)).json()).toEqual({ a: 1 })
      expect(await (await post(`${url}/multer`, form())).text()).toBe('5')
    })
  })

  describe('res.locals.dropzone', () => {
    const page = {
      create: () => '<form>',
      config: () => '<script>',
      dropArea: () => 'all',
      csrfToken: () => 'token',
      loadCss: () => '<link>',
      loadJs: () => '<script src>',
      style: () => '<style>',
      headers: [
        ['Set-Cookie', 'csrf=1'],
        ['Vary', 'Cookie'],
      ],
      sentence: 'Small files.',
      accept: '.png',
    }
    const app = () => {
      const made = express()
      made.use(expressUploads(Object.assign(smallEngine(), { pageSync: () => page }) as unknown as Uploads))
      made.get('/plain', (_req, res) => void res.send(res.locals.dropzone.loadCss() + res.locals.dropzone.accept))
      made.get('/form', (_req, res) => {
        res.cookie('mine', '1')
        const { dropzone } = res.locals
        res.send([dropzone.create(), dropzone.config(), dropzone.csrfToken(), dropzone.sentence].join())
      })
      made.get('/late', (_req, res) => {
        res.write('head is out ')
        try {
          res.end(res.locals.dropzone.create())
        } catch (error) {
          res.end((error as Error).message)
        }
      })
      return made
    }

    test('adds its headers once, when a form is made', async () => {
      const response = await fetch(`${await start(app())}/form`)
      expect(await response.text()).toBe('<form>,<script>,token,Small files.')
      expect(response.headers.getSetCookie()).toEqual(['mine=1; Path=/', 'csrf=1'])
      expect(response.headers.get('vary')).toBe('Cookie')
    })

    test('adds nothing to a page that makes no form', async () => {
      const response = await fetch(`${await start(app())}/plain`)
      expect(await response.text()).toBe('<link>.png')
      expect(response.headers.getSetCookie()).toEqual([])
    })

    test('says so when the head is already out', async () => {
      expect(await (await fetch(`${await start(app())}/late`)).text()).toContain('dropzone.create() adds headers')
    })

    test('comes from the real engine', async () => {
      const made = express()
      made.use(expressUploads(uploads))
      made.get('/', (_req, res) => void res.send(res.locals.dropzone.dropArea()))
      expect(await (await fetch(await start(made))).text()).toContain('action="/uploads"')
    })
  })
})
