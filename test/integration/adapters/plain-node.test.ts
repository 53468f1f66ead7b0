import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type ClientHttp2Session, connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeUploads, receiveFiles } from '../../../src/adapters/node-bridge/handlers.ts'
import { prepareServer } from '../../../src/adapters/node-bridge/prepare-server.ts'
import { UploadError } from '../../../src/sansio/errors.ts'
import { dropgate } from '../../../src/server/create.ts'
import { diskStorage } from '../../../src/storages/disk/storage.ts'
import type { PushBody } from '../../../src/upload/request.ts'
import { client, head, serve } from './serving.ts'
import { smallEngine } from './small-engine.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'dropgate-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const engine = () => dropgate({ storage: diskStorage(folder), policy: { maxFileSize: '4 MiB' }, log: () => {} })
const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
const type = 'Content-Type: multipart/form-data; boundary=b'

async function left(): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter(name => !/^\.dropgate(?:\/[^/]*)?$/.test(name) || name.endsWith('.part'))
}

describe('the real engine on plain Node', () => {
  test('keeps a file of 3 MiB whole', async () => {
    const port = await serve(prepareServer(createServer(nodeUploads(engine()))))
    const bytes = Uint8Array.from({ length: 3 << 20 }, (_, i) => (i * 7 + (i >> 8)) % 256)
    const body = new FormData()
    body.set('file', new File([bytes], 'a.bin'))
    const response = await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'POST', body })
    expect(response.status).toBe(201)
    expect((await readFile(join(folder, 'a.bin'))).equals(bytes)).toBe(true)
  })

  test('row 25: too big by its length is refused with 48 MiB still coming, and the connection lives on', async () => {
    const port = await serve(prepareServer(createServer(nodeUploads(engine()))))
    const one = await client(port, { reading: false })
    const size = 48 << 20
    await one.write(head('POST', '/uploads', `Content-Length: ${size + part.length}`, type) + part)
    expect(await one.writeZeros(size)).toBe(size)
    one.socket.resume()
    const { status, body } = await one.answer()
    expect(status).toBe(413)
    expect(body).toMatch(/^File is too big \(48 MiB\)\. Max filesize: 4 MiB\.$/)
    expect(await left()).toEqual([])
    await one.write(head('GET', '/elsewhere'))
    expect(await one.answer()).toMatchObject({ status: 404, body: 'Not found.' })
  })

  test('row 33: a client that vanishes mid-file leaves nothing behind within 250 ms', async () => {
    const port = await serve(prepareServer(createServer(nodeUploads(engine()))))
    for (const how of ['reset', 'end']) {
      const one = await client(port)
      await one.write(head('POST', '/uploads', `Content-Length: ${3 << 20}`, type) + part)
      await one.writeZeros(2 << 20)
      await delay(50)
      if (how === 'reset') one.socket.resetAndDestroy()
      else one.socket.end()
      await delay(250)
      expect(await left()).toEqual([])
    }
  })

  test('without next it answers everything, with next it passes on', async () => {
    const uploads = engine()
    const handler = nodeUploads(uploads)
    const port = await serve(
      createServer((req, res) => {
        if (req.headers['x-next']) handler(req, res, () => res.end('next'))
        else handler(req, res)
      }),
    )
    const url = `http://127.0.0.1:${port}/elsewhere`
    expect((await fetch(url)).status).toBe(404)
    expect(await (await fetch(url, { headers: { 'x-next': '1' } })).text()).toBe('next')
  })
})

describe('receiveFiles on plain Node', () => {
  test('a thrown stranger is a 500 in neutral words', async () => {
    const route = receiveFiles(engine(), () => {
      throw new RangeError('secret detail')
    })
    const response = await fetch(`http://127.0.0.1:${await serve(createServer(route))}/x`, {
      method: 'POST',
      body: 'x',
    })
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('Something went wrong on the server.')
  })

  test('writing to a client that has gone is no crash', async () => {
    const uncaught: unknown[] = []
    const note = (error: unknown) => uncaught.push(error)
    process.on('uncaughtException', note)
    let done = false
    const route = receiveFiles(engine(), async (_files, _req, res) => {
      await new Promise(resolve => res.once('close', resolve))
      res.write('late')
      res.end('later')
      await delay(50)
      done = true
    })
    const one = await client(await serve(createServer(route)))
    await one.write(head('POST', '/x', 'Content-Length: 10'))
    await delay(50)
    one.socket.resetAndDestroy()
    await one.until(() => done)
    process.off('uncaughtException', note)
    expect(uncaught).toEqual([])
  })

  test('a refusal after the answer began cuts the connection instead of garbling the answer', async () => {
    const route = receiveFiles(engine(), async (_files, _req, res) => {
      res.write('begun')
      throw new UploadError('rejected')
    })
    const port = await serve(createServer(route))
    const whole = fetch(`http://127.0.0.1:${port}/x`, { method: 'POST', body: 'x' }).then(response => response.text())
    await expect(whole).rejects.toThrow()
  })
})

describe('HTTP/2', () => {
  let session: ClientHttp2Session
  let open = 0
  const start = async (uploads = smallEngine()) => {
    const handler = nodeUploads(uploads)
    const server = createHttp2Server((req, res) => handler(req as never, res as never))
    open = 0
    server.on('stream', stream => {
      open++
      stream.on('close', () => open--)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    stop = async () => {
      session.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
  let stop = async () => {}
  afterEach(() => stop())

  const post = async (bytes: number) => {
    const stream = session.request({ ':method': 'POST', ':path': '/uploads' })
    let status = 0
    let text = ''
    stream.on('response', headers => (status = Number(headers[':status'])))
    stream.on('data', chunk => (text += chunk))
    const ended = new Promise(resolve => stream.on('end', resolve))
    stream.on('error', () => {})
    stream.end(new Uint8Array(bytes))
    await ended
    return { status, text }
  }

  test('a body is read, and nobody is told that the client vanished', async () => {
    const engine = smallEngine()
    await start(engine)
    expect(await post(1_000_000)).toEqual({ status: 200, text: '{"bytes":1000000}' })
    await delay(50)
    expect(engine.seen[0]).toMatchObject({ outcome: 'read' })
    expect(engine.seen[0]?.abortedAt).toBeUndefined()
  })

  test.each(['at once', 'mid-body'])('a refusal %s is answered, the stream ends, the session lives on', async when => {
    let turn = 0
    await start(
      smallEngine(async (request, read) => {
        if (turn++ > 0) return new Response(String(await read()))
        const refusal = new UploadError('rejected', 'No.')
        if (when === 'mid-body') await (request.body as PushBody).push(() => Promise.reject(refusal))
        throw refusal
      }),
    )
    expect(await post(4_000_000)).toEqual({ status: 422, text: 'No.' })
    expect(await post(1_000)).toEqual({ status: 200, text: '1000' })
    await delay(50)
    expect(open).toBe(0)
  })

  test.each(['at once', 'mid-body'])('WebKitGTK hears of a refusal %s when its body has come', async when => {
    await start(
      smallEngine(async request => {
        const refusal = new UploadError('rejected', 'No.')
        if (when === 'mid-body') await (request.body as PushBody).push(() => Promise.reject(refusal))
        throw refusal
      }),
    )
    const agent =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15'
    const stream = session.request({ ':method': 'POST', ':path': '/uploads', 'user-agent': agent })
    const answer = once(stream, 'response')
    await new Promise(resolve => stream.write(new Uint8Array(1_000_000), resolve))
    expect(await Promise.race([answer, delay(100)])).toBeUndefined()
    stream.end(new Uint8Array(1_000_000))
    expect((await answer)[0][':status']).toBe(422)
    expect(await text(stream)).toBe('No.')
    await delay(50)
    expect(open).toBe(0)
    expect(stream.rstCode).toBe(0)
  })
})
