/** The configurations of docs/deployment, under the real nginx and the real Caddy. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { filesIn, sha256 } from '../browser/e2e-server.ts'
import { multipart } from '../integration/cli/run.ts'
import { type Backend, startBackend } from './backend.ts'
import { hasProxy, type ProxyProcess, startCaddy, startNginx } from './proxies.ts'
import { type Head, send, startSending } from './sender.ts'

const mebibyte = 1024 ** 2
const boundary = 'line'
const form = (length: number): Head => ({
  method: 'POST',
  path: '/uploads',
  headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(length) },
})
const tus = (method: string, path: string, headers: Record<string, string> = {}): Head => ({
  method,
  path,
  headers: { 'tus-resumable': '1.0.0', ...headers },
})

let backend: Backend
let proxy: ProxyProcess

async function behind(start: (port: number) => Promise<ProxyProcess>, options?: Parameters<typeof startBackend>[0]) {
  backend = await startBackend(options)
  proxy = await start(backend.port)
  const stop = [proxy.stop, backend.stop]
  return async () => {
    for (const end of stop) await end()
  }
}

/** A tus upload of 32 MiB whose first PATCH has brought 8 MiB and is still open. */
async function openUpload(http2: boolean) {
  const bytes = randomBytes(32 * mebibyte)
  const metadata = `filename ${Buffer.from('film.bin').toString('base64')}`
  const created = await send(
    proxy.origin,
    tus('POST', '/uploads', {
      'upload-length': String(bytes.length),
      'upload-metadata': metadata,
      'content-length': '0',
    }),
    http2,
  )
  expect(created.status).toBe(201)
  const path = new URL(String(created.headers.location), proxy.origin).pathname
  const patch = (offset: number, length: number) =>
    tus('PATCH', path, {
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
      'content-length': String(length),
    })
  const sending = startSending(proxy.origin, patch(0, bytes.length), http2)
  sending.answer.catch(() => {})
  void sending.write(bytes.subarray(0, 8 * mebibyte))
  return { bytes, path, patch, sending }
}

/** What both proxies have to let through. */
function passesUploads(http2: boolean) {
  it('a form with 32 MiB arrives whole', async () => {
    const bytes = randomBytes(32 * mebibyte)
    const body = multipart(boundary, 'film.bin', bytes)
    const { status, text } = await send(proxy.origin, form(body.length), http2, body)
    expect([status, JSON.parse(text)]).toEqual([201, { files: [expect.objectContaining({ name: 'film.bin' })] }])
    expect(filesIn(backend.folder)).toMatchObject({ 'film.bin': sha256(bytes) })
  })

  it('a tus upload that is cut in its first request goes on where it was: the bytes came as they were sent', async () => {
    const { bytes, path, patch, sending } = await openUpload(http2)
    await expect.poll(() => backend.received(), { timeout: 5_000 }).toBeGreaterThan(7 * mebibyte)
    expect(sending.answered).toBe(false)
    sending.cut()
    const { headers } = await send(proxy.origin, tus('HEAD', path), http2)
    const offset = Number(headers['upload-offset'])
    expect(offset).toBeGreaterThan(7 * mebibyte)
    const rest = bytes.subarray(offset)
    expect((await send(proxy.origin, patch(offset, rest.length), http2, rest)).status).toBe(204)
    expect(Object.values(filesIn(backend.folder))).toContain(sha256(bytes))
  })

  it('a 413 arrives in words while 48 MiB are still coming', async () => {
    const body = multipart(boundary, 'film.bin', Buffer.alloc(48 * mebibyte))
    const sending = startSending(proxy.origin, form(body.length), http2)
    let sent = 0
    while (!sending.answered && sent < body.length) {
      await sending.write(body.subarray(sent, sent + mebibyte / 4))
      sent += mebibyte / 4
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect(await sending.answer).toMatchObject({
      status: 413,
      text: 'File is too big (48 MiB). Max filesize: 32 MiB.',
    })
    expect(sent).toBeLessThan(body.length)
    sending.cut()
  })

  it('while the app is away, the answer is a sentence', async () => {
    const away = await startBackend()
    const lonely = await (proxy.plainPort === 0 ? startCaddy : startNginx)(away.port)
    onTestFinished(lonely.stop)
    await away.stop()
    const body = multipart(boundary, 'a.txt', Buffer.from('x'))
    const { status, headers, text } = await send(lonely.origin, form(body.length), http2, body)
    expect([status, headers['retry-after'], text]).toEqual([503, '5', 'The server is restarting. Please try again.'])
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })
}

const policy = { maxFileSize: '32 MiB' }
const ways = [
  { line: 'HTTP/2', http2: true },
  { line: 'HTTP/1.1', http2: false },
]

describe.skipIf(!hasProxy.nginx && !process.env.CI)('nginx with docs/deployment/nginx.conf (needs nginx)', () => {
  describe.each(ways)('over $line', ({ http2 }) => {
    let stop: () => Promise<void>
    beforeAll(async () => {
      stop = await behind(port => startNginx(port, { http2 }), { policy })
    })
    afterAll(() => stop?.())
    passesUploads(http2)

    it('with its request buffering on, nothing of an open upload would arrive', async () => {
      const end = await behind(port => startNginx(port, { http2, buffering: true }), { policy })
      onTestFinished(end)
      const { sending } = await openUpload(http2)
      await new Promise(resolve => setTimeout(resolve, 300))
      expect(backend.received()).toBeLessThan(mebibyte)
      sending.cut()
    })
  })

  it('plain http is sent to https', async () => {
    const end = await behind(startNginx)
    onTestFinished(end)
    const { status, headers } = await fetch(`http://127.0.0.1:${proxy.plainPort}/uploads?a=1`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([308, 'https://127.0.0.1/uploads?a=1'])
  })

  it('a Location is absolute where publicUrl is told, whatever a sender makes of Host and X-Forwarded-Proto', async () => {
    const end = await behind(startNginx, { publicUrl: 'https://uploads.example' })
    onTestFinished(end)
    const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    const created = await send(
      proxy.origin,
      tus('POST', '/uploads', { ...forged, 'upload-length': '5', 'content-length': '0' }),
      false,
    )
    expect(created.headers.location).toMatch(/^https:\/\/uploads\.example\/uploads\/[^/]+$/)
  })

  describe('X-Forwarded-For', () => {
    const visitors = async (options: Parameters<typeof startBackend>[0]) => {
      const end = await behind(startNginx, { ...options, limits: { requestsPerMinute: 1 } })
      onTestFinished(end)
      const body = multipart(boundary, 'a.txt', Buffer.from('x'))
      return async (from: string, forged?: string) => {
        const { headers, ...rest } = form(body.length)
        const said = forged === undefined ? {} : { 'x-forwarded-for': forged }
        return (await send(proxy.origin, { ...rest, from, headers: { ...headers, ...said } }, false, body)).status
      }
    }

    it('is not believed without trustedProxies: all visitors are the proxy', async () => {
      const post = await visitors({})
      expect(await post('127.0.0.2')).toBe(201)
      expect(await post('127.0.0.3')).toBe(429)
    })

    it('tells visitors apart with trustedProxies, and none can make himself another', async () => {
      const post = await visitors({ trustedProxies: ['127.0.0.1'] })
      expect(await post('127.0.0.2')).toBe(201)
      expect(await post('127.0.0.3')).toBe(201)
      expect(await post('127.0.0.2', '203.0.113.9')).toBe(429)
    })
  })

  it('an IETF upload gets its answer: none of the interim ones, which nginx would take for it', async () => {
    const end = await behind(startNginx)
    onTestFinished(end)
    const bytes = randomBytes(mebibyte)
    const { status } = await send(
      proxy.origin,
      {
        method: 'POST',
        path: '/uploads?name=a.bin',
        headers: {
          'upload-complete': '?1',
          'upload-draft-interop-version': '8',
          'content-length': String(bytes.length),
        },
      },
      false,
      bytes,
    )
    expect(status).toBe(201)
    expect(Object.values(filesIn(backend.folder))).toEqual([sha256(bytes)])
  })
})

describe.skipIf(!hasProxy.caddy && !process.env.CI)('Caddy with docs/deployment/Caddyfile (needs caddy)', () => {
  describe.each(ways)('over $line', ({ http2 }) => {
    let stop: () => Promise<void>
    beforeAll(async () => {
      stop = await behind(startCaddy, { policy })
    })
    afterAll(() => stop?.())
    passesUploads(http2)
  })
})
