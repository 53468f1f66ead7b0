import { createServer, type Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { nodeUploads } from '../../../src/adapters/node-bridge/handlers.ts'
import type { BridgeOptions } from '../../../src/adapters/node-bridge/limits.ts'
import { UploadError } from '../../../src/sansio/errors.ts'
import type { PushBody } from '../../../src/upload/request.ts'
import { listen, RawClient } from './raw-client.ts'
import { type SmallEngine, smallEngine } from './small-engine.ts'

const MiB = 1024 * 1024
const tooBig = () => {
  throw new UploadError('file-too-big', 'File is too big (48 MiB). Max filesize: 1 MiB.')
}
const sentence = 'File is too big (48 MiB). Max filesize: 1 MiB.'

let server: Server
const clients: RawClient[] = []

async function serve(engine: SmallEngine, options?: BridgeOptions): Promise<number> {
  server = createServer(nodeUploads(engine, options))
  return listen(server)
}

async function client(port: number, options?: { reading?: boolean }): Promise<RawClient> {
  const made = await RawClient.connect(port, options)
  clients.push(made)
  return made
}

const open = () => new Promise<number>(resolve => server.getConnections((_, count) => resolve(count)))

const head = (length: number, more = '') =>
  `POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}\r\n`

afterEach(async () => {
  for (const one of clients.splice(0)) one.socket.destroy()
  await new Promise(resolve => server.close(resolve))
})

test('a refusal is answered at once, while the body is still to come', async () => {
  const port = await serve(smallEngine(tooBig))
  const one = await client(port)
  await one.write(head(48 * MiB))
  await one.write(new Uint8Array(1000))
  const { status, head: lines, body } = await one.answer(1_000)
  expect(status).toBe(413)
  expect(body).toBe(sentence)
  expect(lines).toContain(`content-length: ${sentence.length}`)
  expect(lines.toLowerCase()).not.toContain('connection: close')
})

test('a client that reads only after writing 48 MiB gets the sentence, and the connection lives on', async () => {
  const port = await serve(
    smallEngine((request, read) =>
      request.method === 'POST'
        ? tooBig()
        : read()
            .then(String)
            .then(text => new Response(text)),
    ),
  )
  const one = await client(port, { reading: false })
  await one.write(head(48 * MiB))
  expect(await one.writeZeros(48 * MiB)).toBe(48 * MiB)
  one.socket.resume()
  expect((await one.answer()).body).toBe(sentence)
  await one.write('PUT /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc')
  expect(await one.answer()).toMatchObject({ status: 200, body: '3' })
})

test.each(['Connection: close\r\n', 'Transfer-Encoding: chunked\r\nConnection: close\r\n'])(
  'a client that asked to close and writes before it reads gets the sentence without a reset (%j)',
  async more => {
    const port = await serve(smallEngine(tooBig))
    const one = await client(port, { reading: false })
    const chunked = more.includes('chunked')
    await one.write(chunked ? head(0, more).replace('Content-Length: 0\r\n', '') : head(16 * MiB, more))
    if (chunked) await one.write(`${(16 * MiB).toString(16)}\r\n`)
    expect(await one.writeZeros(16 * MiB)).toBe(16 * MiB)
    if (chunked) await one.write('\r\n0\r\n\r\n')
    await delay(50)
    one.socket.resume()
    expect((await one.answer()).body).toBe(sentence)
    await one.until(() => one.ended)
    expect(one.error).toBeUndefined()
  },
)

test('a client that sends for ever is cut at the budget', async () => {
  let bytes = 0
  const port = await serve(smallEngine(tooBig), { drainBytes: 4 * MiB, lingerMs: 100 })
  server.on('connection', socket => socket.on('close', () => (bytes = socket.bytesRead)))
  const one = await client(port)
  await one.write(head(0, 'Transfer-Encoding: chunked\r\n').replace('Content-Length: 0\r\n', ''))
  await one.write('ffffffff\r\n')
  const started = performance.now()
  const sent = await one.writeZeros(4_000 * MiB)
  expect(performance.now() - started).toBeLessThan(5_000)
  expect(sent).toBeLessThan(4_000 * MiB)
  expect(one.text).toContain(sentence)
  expect(one.ended || one.error !== undefined).toBe(true)
  await one.until(() => bytes > 0)
  expect(bytes).toBeGreaterThan(4 * MiB)
})

test('a client that stalls after a refusal is half-closed, then cut', async () => {
  const port = await serve(smallEngine(tooBig), { drainMs: 200, lingerMs: 800 })
  const one = await client(port)
  await one.write(head(MiB))
  await one.answer()
  expect(one.ended).toBe(false)
  await one.until(() => one.ended, 700)
  expect(await open()).toBe(1)
  await delay(1_000)
  expect(await open()).toBe(0)
})

test('an early answer to a client that asked to close lets the reader finish, then closes', async () => {
  const engine = smallEngine((_, read) => {
    void read()
    return new Response('early')
  })
  const port = await serve(engine)
  const one = await client(port)
  await one.write(head(2 * MiB, 'Connection: close\r\n'))
  expect((await one.answer()).body).toBe('early')
  await one.writeZeros(2 * MiB)
  await one.until(() => engine.seen[0]?.outcome === 'read')
  await delay(50)
  expect(await open()).toBe(0)
})

test('a reader that gives up after the answer is out leaves no sender waiting', async () => {
  const port = await serve(
    smallEngine(request => {
      let bytes = 0
      const sink = (chunk: Uint8Array) => {
        bytes += chunk.length
        if (bytes > MiB) throw new Error('enough')
        return undefined
      }
      ;(request.body as PushBody).push(sink).catch(() => {})
      return new Response('early')
    }),
  )
  const one = await client(port, { reading: false })
  await one.write(head(16 * MiB))
  expect(await one.writeZeros(16 * MiB)).toBe(16 * MiB)
  one.socket.resume()
  expect((await one.answer()).body).toBe('early')
})

test('a pause of the sender longer than the keep-alive timeout does not end the draining', async () => {
  const port = await serve(smallEngine(tooBig))
  server.keepAliveTimeout = 50
  const one = await client(port)
  await one.write(head(2000))
  await one.answer()
  await one.write(new Uint8Array(1000))
  await delay(1_500)
  expect(one.closed || one.ended).toBe(false)
  await one.write(new Uint8Array(1000))
  await one.write(head(0))
  expect((await one.answer()).body).toBe(sentence)
})

test('a body known to be longer than the budget is told that the connection will close', async () => {
  const port = await serve(smallEngine(tooBig), { drainBytes: MiB, lingerMs: 100 })
  const one = await client(port)
  await one.write(head(2 * MiB))
  expect((await one.answer()).head.toLowerCase()).toContain('connection: close')
  await one.until(() => one.ended)
})

test('a refusal in the middle of the body stops the reading and drains the rest', async () => {
  const port = await serve(
    smallEngine(async request => {
      let bytes = 0
      await (request.body as { push(sink: (chunk: Uint8Array) => undefined): Promise<void> }).push(chunk => {
        bytes += chunk.length
        if (bytes > MiB) tooBig()
        return undefined
      })
      return new Response('kept')
    }),
  )
  const one = await client(port, { reading: false })
  await one.write(head(8 * MiB))
  expect(await one.writeZeros(8 * MiB)).toBe(8 * MiB)
  one.socket.resume()
  expect((await one.answer()).body).toBe(sentence)
  await one.write(head(4))
  await one.write('abcd')
  expect((await one.answer()).body).toBe('kept')
})

test('a large answer and an unread body do not block one another', async () => {
  const large = 'x'.repeat(8 * MiB)
  const port = await serve(smallEngine(() => new Response(large)))
  const one = await client(port, { reading: false })
  await one.write(head(16 * MiB))
  expect(await one.writeZeros(16 * MiB)).toBe(16 * MiB)
  one.socket.resume()
  expect((await one.answer()).body.length).toBe(large.length)
})

test('fifty requests on one connection leave no listeners behind', async () => {
  const warnings: Error[] = []
  const warn = (warning: Error) => warnings.push(warning)
  process.on('warning', warn)
  const port = await serve(
    smallEngine((_, read) => (engineTurn++ % 2 ? tooBig() : read().then(n => new Response(`${n}`)))),
  )
  let engineTurn = 0
  let listeners = -1
  const one = await client(port)
  for (let i = 0; i < 50; i++) {
    await one.write(head(5))
    await delay(1)
    await one.write('12345')
    expect((await one.answer()).status).toBe(i % 2 ? 413 : 200)
    if (i === 5) server.on('request', req => (listeners = req.socket.listenerCount('close')))
  }
  await delay(10)
  process.off('warning', warn)
  expect(warnings).toEqual([])
  expect(listeners).toBeLessThan(8)
})

/** WebKitGTK's network process dies when it is answered over HTTP/2 while it reads its body; see late-answer.ts. */
const late =
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15\r\n'

describe('a browser that must not be answered while it sends', () => {
  test('hears of a refusal when its body has come, and the connection lives on', async () => {
    const port = await serve(smallEngine(request => (request.method === 'POST' ? tooBig() : new Response('here'))))
    const one = await client(port)
    await one.write(head(2 * MiB, late))
    await one.writeZeros(2 * MiB - 1)
    await delay(100)
    expect(one.text).toBe('')
    await one.write(new Uint8Array(1))
    const { status, head: lines, body } = await one.answer(1_000)
    expect([status, body]).toEqual([413, sentence])
    expect(lines.toLowerCase()).not.toContain('connection: close')
    await one.write('GET /uploads HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await one.answer()).toMatchObject({ status: 200, body: 'here' })
  })

  test('hears of one that comes in the middle of its body at the end of it, too', async () => {
    const reject = () => Promise.reject(new UploadError('rejected', 'No.'))
    const port = await serve(smallEngine(async request => (await (request.body as PushBody).push(reject)) as never))
    const one = await client(port)
    await one.write(head(2 * MiB, late))
    await one.writeZeros(MiB)
    await delay(100)
    expect(one.text).toBe('')
    await one.writeZeros(MiB)
    expect(await one.answer(1_000)).toMatchObject({ status: 422, body: 'No.' })
  })

  test.each([
    ['sends for ever: at the budget in bytes', { drainBytes: MiB, lingerMs: 100 }, 64 * MiB],
    ['stops: at the budget in time', { drainMs: 200, lingerMs: 100 }, 1_000],
  ])('and %s it is answered, then cut', async (_what, options, bytes) => {
    const port = await serve(smallEngine(tooBig), options)
    const one = await client(port)
    await one.write(head(0, `${late}Transfer-Encoding: chunked\r\n`).replace('Content-Length: 0\r\n', ''))
    await one.write('ffffffff\r\n')
    await one.writeZeros(bytes)
    await expect.poll(open, { timeout: 3_000 }).toBe(0)
    expect(one.text).toContain(sentence)
  })

  test('is answered at once when the rest is longer than what is read at all', async () => {
    const port = await serve(smallEngine(tooBig), { drainBytes: MiB })
    const one = await client(port)
    await one.write(head(2 * MiB, late))
    expect(await one.answer(1_000)).toMatchObject({ status: 413, body: sentence })
  })

  test('and that goes away in the meantime leaves nothing behind', async () => {
    const port = await serve(smallEngine(tooBig))
    const one = await client(port)
    await one.write(head(MiB, late))
    await one.writeZeros(1_000)
    one.socket.destroy()
    await expect.poll(open).toBe(0)
  })
})
