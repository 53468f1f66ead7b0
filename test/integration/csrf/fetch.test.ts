/** The protection of a whole app as a Fetch handler, under Hono on Node. */
import type { Server } from 'node:http'
import { serve as serveHono } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { csrf } from '../../../src/csrf.ts'
import { fetchUploads, type ProtectFetchOptions, protectFetch } from '../../../src/fetch.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { client, closeLater, head } from '../adapters/serving.ts'
import { clock, formOf, missing, secret, time, Visitor } from './app.ts'

async function start(options: ProtectFetchOptions = {}) {
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
  app.all('/hooks/*', async c => c.text(await c.req.text()))
  app.onError(error => uploads.errorResponse(error))
  const handler = (request: Request) => app.fetch(request)
  const protectedFetch = protectFetch(protection, handler, { uploads, uploadRoutes: ['/own'], ...options })
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

test('paths that are exempt are not checked, whatever comes', async () => {
  const { visitor } = await start({ exempt: ['/body', '/hooks/*'] })
  const elsewhere = { 'Sec-Fetch-Site': 'cross-site' }
  expect(await visitor.post('/body', { a: 'b' }, elsewhere)).toMatchObject({ status: 200, text: 'a=b' })
  expect(await visitor.post('/hooks/a/b', 'x', elsewhere)).toMatchObject({ status: 200, text: 'x' })
  for (const path of ['/hooks', '/body/', '/', '/hooks/../own']) {
    expect((await visitor.post(path, 'x', elsewhere)).status, path).toBe(403)
  }
})

test('onError answers a refusal of the protection, and no other one', async () => {
  const { visitor, token, bodies } = await start({
    onError: (error, request) => Response.json({ code: error.code, at: request.url }, { status: 418 }),
  })
  const refused = await visitor.post('/body', { a: 'b' })
  expect([refused.status, JSON.parse(refused.text)]).toEqual([
    418,
    { code: 'csrf-token-missing', at: `${visitor.origin}/body` },
  ])
  const elsewhere = await visitor.post('/body', 'x', { 'Sec-Fetch-Site': 'cross-site' })
  expect(JSON.parse(elsewhere.text)).toMatchObject({ code: 'cross-site' })
  const big = { csrf_token: token, a: 'x'.repeat(1024 * 1024) }
  expect(await visitor.post('/body', big)).toMatchObject({ status: 413 })
  expect(bodies).toEqual([])
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
