/** The protection of a whole app as a Fetch handler, under Hono on Node. */
import type { Server } from 'node:http'
import { serve as serveHono } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { csrf } from '../../../src/csrf.ts'
import { fetchUploads, protectFetch } from '../../../src/fetch.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { client, closeLater, head } from '../adapters/serving.ts'
import { clock, formOf, missing, secret, time, Visitor } from './app.ts'

async function start() {
  time.now = 1_800_000_000_000
  const storage = memoryStorage()
  const uploads = dropgate({ storage, csrf: { secret }, clock, log: () => {} })
  const protection = csrf({ secret, clock, log: () => {} })
  const app = new Hono()
  const handle = fetchUploads(uploads)
  const bodies: string[] = []
  app.all('/uploads', c => handle(c.req.raw))
  app.get('/token', c => protection.endpoint(c.req.raw))
  app.get('/', c => {
    const { token, headers } = protection.issue(c.req.raw)
    for (const [name, value] of headers) c.header(name, value, { append: true })
    c.header('X-CSRF-Token', token)
    return c.text('page')
  })
  app.post('/own', async c => {
    const { files } = await uploads.receive(c.req.raw)
    return c.text(files.map(({ name }) => name).join())
  })
  app.all('/body', async c => {
    bodies.push(await c.req.text())
    return c.text(bodies.at(-1) as string)
  })
  app.onError(error => uploads.errorResponse(error))
  const isUpload = (request: Request) => uploads.matches(request) || new URL(request.url).pathname === '/own'
  const protectedFetch = protectFetch(protection, request => app.fetch(request), isUpload)
  const server = serveHono({ fetch: protectedFetch, port: 0, hostname: '127.0.0.1' }) as Server
  await new Promise(resolve => (server.listening ? resolve(undefined) : server.once('listening', resolve)))
  closeLater(server)
  const { port } = server.address() as { port: number }
  const visitor = new Visitor(`http://127.0.0.1:${port}`)
  return { port, visitor, bodies, token: await visitor.token(), stored: async () => (await storage.list()).length }
}

test('an ordinary form is checked in a copy, and its route gets the body', async () => {
  const { visitor, token, bodies } = await start()
  expect(await visitor.post('/body', { a: 'b' })).toMatchObject(missing)
  expect(await visitor.post('/body', { csrf_token: token, a: 'b' })).toMatchObject({
    status: 200,
    text: `csrf_token=${token}&a=b`,
  })
  const big = { csrf_token: token, a: 'x'.repeat(1024 * 1024) }
  expect(await visitor.post('/body', big)).toMatchObject({ status: 413, text: 'A field is too long.' })
  expect(bodies).toHaveLength(1)
})

test('other bodies need the header; a form with files, too', async () => {
  const { visitor, token, bodies } = await start()
  const json = { 'Content-Type': 'application/json' }
  expect(await visitor.post('/body', '{}', json)).toMatchObject(missing)
  expect((await visitor.post('/body', '{}', { ...json, 'X-CSRFToken': token })).text).toBe('{}')
  expect(await visitor.post('/body', formOf({ csrf_token: token }, 'a'))).toMatchObject(missing)
  expect((await visitor.post('/body', formOf({}, 'a'), { 'X-CSRFToken': token })).text).toContain('filename="a"')
  expect(bodies).toHaveLength(2)
})

test.each(['/uploads', '/own'])('%s reads its forms by the engine, which checks the field', async path => {
  const { visitor, token, stored } = await start()
  expect(await visitor.post(path, formOf({}, 'a'))).toMatchObject(missing)
  expect(await stored()).toBe(0)
  expect((await visitor.post(path, formOf({ csrf_token: token }, 'a'))).status).toBe(path === '/own' ? 200 : 201)
  expect((await visitor.post(path, formOf({}, 'b'), { 'X-CSRF-Token': token })).status).toBe(
    path === '/own' ? 200 : 201,
  )
  expect(await stored()).toBe(2)
})

test('another site is 403, a disguised method is checked, a token grows old', async () => {
  const { visitor, token } = await start()
  const headers = { 'X-CSRFToken': token }
  expect(await visitor.post('/body', 'x', { ...headers, 'Sec-Fetch-Site': 'cross-site' })).toMatchObject({
    status: 403,
    text: 'The request came from another site.',
  })
  expect(await visitor.post('/body', '', { 'X-HTTP-Method-Override': 'GET' })).toMatchObject(missing)
  expect(await visitor.ask('/body', { headers: { 'X-HTTP-Method-Override': 'DELETE' } })).toMatchObject(missing)
  time.now += 3_600_001
  expect(await visitor.post('/body', 'x', headers)).toMatchObject({ text: 'The CSRF token has expired.' })
  const { csrfToken } = JSON.parse((await visitor.ask('/token')).text) as { csrfToken: string }
  expect((await visitor.post('/body', 'x', { 'X-CSRFToken': csrfToken })).text).toBe('x')
})

test.each(['/uploads', '/body'])('1 GiB to %s with a bad token is answered after its first bytes', async path => {
  const { port, stored } = await start()
  const one = await client(port)
  const type = 'Content-Type: multipart/form-data; boundary=b'
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
  await one.write(head('POST', path, `Content-Length: ${1024 ** 3}`, type, 'X-CSRFToken: x') + part)
  await one.writeZeros(64 * 1024)
  // This visitor has no cookie.
  expect(await one.answer()).toMatchObject({ status: 400, body: 'The CSRF session token is missing.' })
  expect(await stored()).toBe(0)
})
