import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { nodeUploads } from '../../../src/adapters/node-bridge/handlers.ts'
import { prepareServer } from '../../../src/adapters/node-bridge/prepare-server.ts'
import { UploadError } from '../../../src/sansio/errors.ts'
import type { RawClient } from './raw-client.ts'
import { client, head, serve } from './serving.ts'
import { smallEngine } from './small-engine.ts'

const refusing = () =>
  smallEngine(() => {
    throw new UploadError('file-too-big', 'Too big.')
  })

describe('Expect: 100-continue', () => {
  const expecting = (target: string, length: number, ...more: string[]) =>
    head('POST', target, `Content-Length: ${length}`, 'Expect: 100-continue', ...more)

  test('row 28: a refusal is the final answer, with no 100 and no body read', async () => {
    const engine = refusing()
    const port = await serve(prepareServer(createServer(nodeUploads(engine))))
    const one = await client(port)
    await one.write(expecting('/uploads', 50_000_000))
    const { status, body, head: lines } = await one.answer()
    expect({ status, body }).toEqual({ status: 413, body: 'Too big.' })
    expect(lines.toLowerCase()).toContain('connection: close')
    await one.until(() => one.ended)
    expect(one.text).toBe('')
    expect(engine.seen[0]?.bytes).toBe(0)
  })

  test('a client that sends its body in spite of the refusal still reads the sentence', async () => {
    const port = await serve(prepareServer(createServer(nodeUploads(refusing()))))
    const one = await client(port, { reading: false })
    await one.write(expecting('/uploads', 8_000_000))
    expect(await one.writeZeros(8_000_000)).toBe(8_000_000)
    one.socket.resume()
    expect((await one.answer()).body).toBe('Too big.')
    await one.until(() => one.ended)
    expect(one.error).toBeUndefined()
  })

  test('the 100 is sent when reading begins, not before', async () => {
    let begin = () => {}
    const gate = new Promise<void>(resolve => (begin = resolve))
    const engine = smallEngine(async (_, read) => {
      await gate
      return Response.json(await read())
    })
    const port = await serve(prepareServer(createServer(nodeUploads(engine))))
    const one = await client(port)
    await one.write(expecting('/uploads', 4))
    await delay(100)
    expect(one.text).toBe('')
    begin()
    expect((await one.answer()).status).toBe(100)
    await one.write('body')
    expect(await one.answer()).toMatchObject({ status: 200, body: '4' })
    await one.write(head('GET', '/uploads'))
    expect((await one.answer()).status).toBe(200)
  })

  test('a route of another framework gets its 100 as well', async () => {
    const app = express()
    app.post('/json', express.json(), (req, res) => void res.json(req.body))
    const port = await serve(prepareServer(createServer(app)))
    const one = await client(port)
    await one.write(expecting('/json', 7, 'Content-Type: application/json'))
    expect((await one.answer()).status).toBe(100)
    await one.write('{"a":1}')
    expect(await one.answer()).toMatchObject({ status: 200, body: '{"a":1}' })
  })
})

describe('broken requests', () => {
  const broken = async (bytes: string): Promise<RawClient> => {
    const port = await serve(prepareServer(createServer(nodeUploads(smallEngine())), { lingerMs: 200 }))
    const one = await client(port)
    await one.write(bytes)
    return one
  }

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'Malformed request.'],
    [
      'row 22: Content-Length and Transfer-Encoding',
      head('POST', '/uploads', 'Content-Length: 3', 'Transfer-Encoding: chunked'),
      400,
      'Malformed request.',
    ],
    ['too long headers', head('GET', '/uploads', `X: ${'x'.repeat(20_000)}`), 431, 'The headers are too long.'],
    [
      'too long chunk extensions',
      `${head('POST', '/uploads', 'Transfer-Encoding: chunked')}1;${'x'.repeat(20_000)}`,
      413,
      'The chunk extensions are too long.',
    ],
  ])('%s gets a sentence', async (_, bytes, status, body) => {
    const one = await broken(bytes)
    const answer = await one.answer()
    expect(answer).toMatchObject({ status, body })
    expect(answer.head).toContain('Content-Type: text/plain; charset=utf-8')
    expect(answer.head).toContain('X-Content-Type-Options: nosniff')
    await one.until(() => one.ended)
  })

  test('a broken chunk gets a sentence, and the reader hears of it', async () => {
    const engine = smallEngine()
    const port = await serve(prepareServer(createServer(nodeUploads(engine))))
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Transfer-Encoding: chunked'))
    await one.write('4\r\nbody\r\nzzz\r\n')
    expect((await one.answer()).body).toBe('Malformed request.')
    await one.until(() => engine.seen[0]?.outcome !== undefined, 500)
    expect(engine.seen[0]?.outcome).toMatchObject({ code: 'aborted' })
  })

  test('row 30: a head that does not come to its end gets 408', async () => {
    const server = prepareServer(createServer(nodeUploads(smallEngine())), { headersTimeout: 300 })
    const one = await client(await serve(server))
    await one.write('GET /uploads HTTP/1.1\r\n')
    const { status, body } = await one.answer(4_000)
    expect({ status, body }).toEqual({ status: 408, body: 'The request was too slow.' })
    await one.until(() => one.ended)
  })

  test('row 23: where Node drops header lines the request is refused', async () => {
    const engine = smallEngine()
    const server = prepareServer(createServer(nodeUploads(engine)))
    server.maxHeadersCount = 20
    const one = await client(await serve(server))
    const filler = Array.from({ length: 25 }, (_, i) => `a${i}: x`)
    await one.write(head('POST', '/uploads', ...filler, 'Content-Length: 4'))
    const { status, body } = await one.answer()
    expect(status).toBe(431)
    // Node 20 drops lines without a word and the bridge sees it; newer versions refuse by themselves.
    expect(body).toMatch(/^(?:Too many headers|The headers are too long)\.$/)
    expect(engine.seen).toEqual([])
  })

  test('the server goes on', async () => {
    const port = await serve(prepareServer(createServer(nodeUploads(smallEngine()))))
    for (let i = 0; i < 20; i++) {
      const one = await client(port)
      await one.write(i % 2 ? 'nonsense\r\n\r\n' : head('POST', '/uploads', 'Content-Length: 9'))
      one.socket.resetAndDestroy()
    }
    const good = await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'POST', body: 'good' })
    expect(await good.json()).toEqual({ bytes: 4 })
  })
})

test('dot segments are 404 before anybody builds a URL', async () => {
  const engine = smallEngine()
  const port = await serve(createServer(nodeUploads(engine)))
  const one = await client(port)
  for (const target of ['/uploads/../x', '/uploads/%2e%2E/x', '/./uploads', '/uploads/..\\x', '/x/../uploads']) {
    await one.write(head('GET', target))
    const { status, head: lines } = await one.answer()
    expect(status).toBe(404)
    expect(lines).toContain('text/plain')
  }
  expect(engine.seen).toEqual([])
})

test('settings: its own timeouts, once', () => {
  const server = createServer()
  expect(prepareServer(prepareServer(server))).toBe(server)
  expect(server.requestTimeout).toBe(0)
  expect(server.headersTimeout).toBe(20_000)
  expect(server.listenerCount('checkContinue')).toBe(1)
})
