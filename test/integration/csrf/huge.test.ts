/** One GiB with a bad token: answered after the first bytes, and nothing of it is stored. */
import express from 'express'
import multer from 'multer'
import { describe, expect, test } from 'vitest'
import { type CsrfProtectOptions, expressUploads, receiveFiles } from '../../../src/express.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import type { Storage } from '../../../src/upload/ports.ts'
import { client, head } from '../adapters/serving.ts'
import { clock, secret, startApp } from './app.ts'

const gib = 1024 ** 3
const kib = 1024

/** A storage that notes what it is asked to do. */
function noting(storage: Storage, calls: string[]): Storage {
  return new Proxy(storage, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        calls.push(String(name))
        return value.apply(target, args)
      }
    },
  })
}

async function start(protect: CsrfProtectOptions = {}) {
  const calls: string[] = []
  const uploads = dropgate({ storage: noting(memoryStorage(), calls), csrf: { secret }, clock, log: () => {} })
  const app = await startApp(express, {
    protect: { uploads, uploadRoutes: ['/own'], ...protect },
    routes: app => {
      app.use(expressUploads(uploads))
      app.post('/multer', multer().any(), (_req, res) => void res.send('multer'))
      app.post(
        '/own',
        receiveFiles(uploads, async files => {
          for await (const file of files) await file.save()
        }),
      )
    },
  })
  const token = await app.visitor.token()
  const cookie = [...app.visitor.jar].map(pair => pair.join('=')).join('; ')
  return { ...app, calls, token, cookie }
}

const field = (value: string) => `--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n${value}\r\n`
const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
const stored = (calls: readonly string[]) => calls.filter(name => ['create', 'append', 'commit'].includes(name))

describe.each(['/uploads', '/own', '/multer'])('1 GiB to %s', path => {
  test.each([
    ['no token', '', [], 400, 'The CSRF token is missing.'],
    ['a bad header', '', ['X-CSRFToken: x'], 400, 'The CSRF token is invalid.'],
    [
      'a bad field',
      field('x'),
      [],
      400,
      path === '/multer' ? 'The CSRF token is missing.' : 'The CSRF token is invalid.',
    ],
    ['another site', '', ['Sec-Fetch-Site: cross-site'], 403, 'The request came from another site.'],
    ['another origin', '', ['Origin: http://evil.example'], 403, 'The request came from another site.'],
  ])('with %s', async (_name, fields, lines, status, sentence) => {
    const { port, calls, cookie } = await start()
    const one = await client(port)
    const type = 'Content-Type: multipart/form-data; boundary=b'
    await one.write(head('POST', path, `Content-Length: ${gib}`, type, `Cookie: ${cookie}`, ...lines) + fields + file)
    await one.writeZeros(64 * kib)
    // Nothing more is sent before the answer is there.
    expect(await one.answer()).toMatchObject({ status, body: sentence })
    expect(stored(calls)).toEqual([])
    // The rest is read and thrown away for a while, so that browsers show the sentence; then it is enough.
    expect(await one.writeZeros(16 * kib * kib)).toBe(16 * kib * kib)
    expect(one.error).toBeUndefined()
    expect(stored(calls)).toEqual([])
  })
})

test.each(['keep-alive', 'close'])(
  'the documented three lines answer as early (%s), and are not cut short',
  async connection => {
    const { port, calls } = await start({
      onError: (error, _req, res) => {
        res.status(400).type('text').send(error.description)
      },
    })
    const one = await client(port)
    const type = 'Content-Type: multipart/form-data; boundary=b'
    await one.write(`${head('POST', '/multer', `Content-Length: ${gib}`, type, `Connection: ${connection}`)}${file}`)
    const { status, body, head: lines } = await one.answer()
    expect([status, body]).toEqual([400, 'The CSRF token is missing.'])
    expect(lines).toMatch(/^content-type: text\/plain; charset=utf-8$/im)
    expect(await one.writeZeros(16 * kib * kib)).toBe(16 * kib * kib)
    expect(one.error).toBeUndefined()
    expect(stored(calls)).toEqual([])
  },
)

test('a token field after the file comes too late, however good', async () => {
  const { port, calls, token, cookie } = await start()
  const one = await client(port)
  const rest = `\r\n${field(token)}--b--\r\n`
  const size = 4 * kib * kib
  const length = `Content-Length: ${file.length + size + rest.length}`
  const type = 'Content-Type: multipart/form-data; boundary=b'
  await one.write(head('POST', '/uploads', length, type, `Cookie: ${cookie}`) + file)
  await one.writeZeros(size)
  await one.write(rest)
  expect(await one.answer()).toMatchObject({ status: 400, body: 'The CSRF token is missing.' })
  expect(stored(calls)).toEqual([])
})

test('with a good token the same bytes are stored', async () => {
  const { port, calls, token, cookie } = await start()
  const one = await client(port)
  const length = `Content-Length: ${gib}`
  const type = 'Content-Type: multipart/form-data; boundary=b'
  await one.write(head('POST', '/uploads', length, type, `Cookie: ${cookie}`) + field(token) + file)
  await one.writeZeros(64 * kib)
  await one.until(() => stored(calls).includes('create'))
})
