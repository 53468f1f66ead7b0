import type { Server } from 'node:http'
import { serve as serveHono } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { fetchUploads } from '../../../src/adapters/fetch.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { dropgate } from '../../../src/server/create.ts'
import { client, closeLater, head } from './serving.ts'

async function startHono(): Promise<number> {
  const uploads = dropgate({ storage: memoryStorage(), policy: { maxFileSize: '1 MiB' }, log: () => {} })
  const app = new Hono()
  const handle = fetchUploads(uploads)
  app.all('/uploads', c => handle(c.req.raw))
  app.all('/uploads/*', c => handle(c.req.raw))
  app.get('/', c => c.text('home'))
  const server = serveHono({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  await new Promise(resolve => (server.listening ? resolve(undefined) : server.once('listening', resolve)))
  const { port } = server.address() as { port: number }
  closeLater(server)
  return port
}

test('under Hono on Node a form is kept, and other routes are left alone', async () => {
  const url = `http://127.0.0.1:${await startHono()}`
  const data = new FormData()
  data.set('file', new File(['hello'], 'a.txt'))
  const kept = await fetch(`${url}/uploads`, { method: 'POST', body: data })
  expect(kept.status).toBe(201)
  expect(await kept.json()).toMatchObject({ files: [{ name: 'a.txt', size: 5 }] })
  expect(await (await fetch(url)).text()).toBe('home')
})

test('under Hono on Node a body of 48 MiB is refused early, in words', async () => {
  const one = await client(await startHono())
  const type = 'Content-Type: multipart/form-data; boundary=b'
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
  await one.write(head('POST', '/uploads', `Content-Length: ${48 * 1024 * 1024}`, type) + part)
  await one.writeZeros(2 * 1024 * 1024)
  const { status, body, head: lines } = await one.answer()
  expect(status).toBe(413)
  expect(body).toMatch(/^File is too big \(\d+(?:\.\d)? MiB\)\. Max filesize: 1 MiB\.$/)
  expect(lines.toLowerCase()).toContain('text/plain')
})

test('it takes any Fetch request', async () => {
  const handle = fetchUploads(dropgate({ storage: memoryStorage(), log: () => {} }))
  const body = new FormData()
  body.set('file', new File(['x'], 'x.txt'))
  expect((await handle(new Request('http://x/uploads', { method: 'POST', body }))).status).toBe(201)
  expect((await handle(new Request('http://x/elsewhere'))).status).toBe(404)
})
