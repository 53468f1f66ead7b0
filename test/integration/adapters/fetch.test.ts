import type { Server } from 'node:http'
import { serve as serveHono } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { expect, test } from 'vitest'
import { fetchUploads } from '../../../src/adapters/fetch.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { dropgate } from '../../../src/server/create.ts'
import { client, closeLater, head } from './serving.ts'

type Way = 'its Fetch body' | "Node's own request"

async function startHono(way: Way): Promise<number> {
  const uploads = dropgate({ storage: memoryStorage(), policy: { maxFileSize: '1 MiB' }, log: () => {} })
  const app = new Hono()
  const handle = fetchUploads(uploads, { drainBytes: 4 * 1024 * 1024, lingerMs: 100 })
  const answer = (c: Context) => handle(c.req.raw, way === 'its Fetch body' ? undefined : c.env)
  app.use('/uploads', async (c, next) => {
    if (c.req.header('X-Read-Before')) await c.req.text()
    await next()
  })
  app.all('/uploads', answer)
  app.all('/uploads/*', answer)
  app.get('/', c => c.text('home'))
  const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  await new Promise(resolve => (server.listening ? resolve(undefined) : server.once('listening', resolve)))
  const { port } = server.address() as { port: number }
  closeLater(server)
  return port
}

const ways: readonly Way[] = ['its Fetch body', "Node's own request"]

test.each(ways)('under Hono on Node, through %s, a form is kept, and other routes are left alone', async way => {
  const url = `http://127.0.0.1:${await startHono(way)}`
  const data = new FormData()
  data.set('file', new File(['hello'], 'a.txt'))
  const kept = await fetch(`${url}/uploads`, { method: 'POST', body: data })
  expect(kept.status).toBe(201)
  expect(await kept.json()).toMatchObject({ files: [{ name: 'a.txt', size: 5 }] })
  expect(await (await fetch(url)).text()).toBe('home')
})

test.each(ways)('under Hono on Node, through %s, a body of 48 MiB is refused early, in words', async way => {
  const one = await client(await startHono(way))
  const type = 'Content-Type: multipart/form-data; boundary=b'
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
  await one.write(head('POST', '/uploads', `Content-Length: ${48 * 1024 * 1024}`, type) + part)
  await one.writeZeros(2 * 1024 * 1024)
  const { status, body, head: lines } = await one.answer()
  expect(status).toBe(413)
  expect(body).toMatch(/^File is too big \(\d+(?:\.\d)? MiB\)\. Max filesize: 1 MiB\.$/)
  expect(lines.toLowerCase()).toContain('text/plain')
  // A rest beyond what will be read is announced to end with the connection; Fetch alone cannot say so.
  expect(/^connection: close$/im.test(lines)).toBe(way === "Node's own request")
})

test('dot segments and lost header lines are seen on the Node request', async () => {
  const one = await client(await startHono("Node's own request"))
  await one.write(head('GET', '/uploads/%2e%2e/secret'))
  expect((await one.answer()).status).toBe(404)
})

test('a body that was read through Fetch before is refused as such, not waited for', async () => {
  const url = `http://127.0.0.1:${await startHono("Node's own request")}`
  const body = new FormData()
  body.set('file', new File(['x'], 'x.txt'))
  const refused = await fetch(`${url}/uploads`, { method: 'POST', body, headers: { 'X-Read-Before': '1' } })
  expect(await refused.text()).toBe('The upload could not be read by the server.')
  expect(refused.status).toBe(500)
})

test('bindings that only look like it are not taken for a Node request', async () => {
  const handle = fetchUploads(dropgate({ storage: memoryStorage(), log: () => {} }))
  for (const env of [{ incoming: {}, outgoing: {} }, { server: { incoming: 1 } }, null, 'x']) {
    const body = new FormData()
    body.set('file', new File(['x'], 'x.txt'))
    expect((await handle(new Request('http://x/uploads', { method: 'POST', body }), env)).status).toBe(201)
  }
})

test('it takes any Fetch request', async () => {
  const handle = fetchUploads(dropgate({ storage: memoryStorage(), log: () => {} }))
  const body = new FormData()
  body.set('file', new File(['x'], 'x.txt'))
  expect((await handle(new Request('http://x/uploads', { method: 'POST', body }))).status).toBe(201)
  expect((await handle(new Request('http://x/elsewhere'))).status).toBe(404)
})
