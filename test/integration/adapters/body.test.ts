import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeUploads } from '../../../src/adapters/node-bridge/handlers.ts'
import type { BridgeOptions } from '../../../src/adapters/node-bridge/limits.ts'
import type { PushBody } from '../../../src/upload/request.ts'
import { client, head, serve } from './serving.ts'
import { type SmallEngine, smallEngine } from './small-engine.ts'

const uncaught: unknown[] = []
const note = (error: unknown) => uncaught.push(error)

beforeEach(() => process.on('uncaughtException', note).on('unhandledRejection', note))
afterEach(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note)
  expect(uncaught.splice(0)).toEqual([])
})

const start = (engine: SmallEngine, options?: BridgeOptions) => serve(createServer(nodeUploads(engine, options)))
const bodyOf = (request: { body: unknown }) => request.body as PushBody

describe('reading', () => {
  test('hands over every byte in order', async () => {
    const parts: Uint8Array[] = []
    const port = await start(
      smallEngine(async request => {
        await bodyOf(request).push(chunk => void parts.push(chunk))
        return new Response('done')
      }),
    )
    const one = await client(port)
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 256)
    await one.write(head('POST', '/uploads', `Content-Length: ${bytes.length}`))
    await one.write(bytes)
    expect((await one.answer()).body).toBe('done')
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  test('by iteration gives the same bytes, chunk by chunk', async () => {
    const parts: Uint8Array[] = []
    const port = await start(
      smallEngine(async request => {
        for await (const chunk of bodyOf(request)) {
          await delay(1)
          parts.push(chunk)
        }
        return new Response('done')
      }),
    )
    const one = await client(port)
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7 + (i >> 8)) % 256)
    await one.write(head('POST', '/uploads', `Content-Length: ${bytes.length}`))
    await one.write(bytes)
    expect((await one.answer()).body).toBe('done')
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  test('by iteration may be left early; the rest is drained', async () => {
    const port = await start(
      smallEngine(async request => {
        for await (const _ of bodyOf(request)) break
        return new Response('enough')
      }),
    )
    const one = await client(port)
    for (let i = 0; i < 2; i++) {
      await one.write(head('POST', '/uploads', 'Content-Length: 4000000'))
      await one.writeZeros(4_000_000)
      expect((await one.answer()).body).toBe('enough')
    }
  })

  test('waits for a sink that asks for it, and the sender waits too', async () => {
    let release = () => {}
    let given = 0
    const port = await start(
      smallEngine(async request => {
        await bodyOf(request).push(chunk => {
          given += chunk.length
          return new Promise(resolve => (release = resolve))
        })
        return new Response(String(given))
      }),
    )
    const one = await client(port)
    const size = 64 * 1024 * 1024
    await one.write(head('POST', '/uploads', `Content-Length: ${size}`))
    let sent = false
    void one.writeZeros(size).then(() => (sent = true))
    await one.until(() => given > 0)
    const after = given
    await delay(200)
    expect(given).toBe(after)
    expect(sent).toBe(false)
    const timer = setInterval(() => release(), 0)
    const body = await one.answer(15_000).finally(() => clearInterval(timer))
    expect(body.body).toBe(String(size))
  })

  test('never runs the sink while its promise is pending', async () => {
    let running = 0
    let most = 0
    const port = await start(
      smallEngine(async request => {
        await bodyOf(request).push(async () => {
          most = Math.max(most, ++running)
          await delay(1)
          running--
        })
        return new Response(String(running))
      }),
    )
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 3000000'))
    await one.writeZeros(3_000_000)
    expect((await one.answer()).body).toBe('0')
    expect(most).toBe(1)
  })

  test.each(['thrown', 'rejected'])('stops after the first error of the sink (%s)', async how => {
    let calls = 0
    const port = await start(
      smallEngine(async request => {
        const outcome = await bodyOf(request)
          .push(() => {
            calls++
            if (how === 'thrown') throw new Error('mine')
            return Promise.reject(new Error('mine'))
          })
          .catch((error: Error) => error.message)
        await delay(50)
        return new Response(String(outcome))
      }),
    )
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 2000000'))
    await one.writeZeros(2_000_000)
    expect((await one.answer()).body).toBe('mine')
    expect(calls).toBe(1)
  })

  test('reads no more after an error of the sink, until there is an answer', async () => {
    const port = await start(
      smallEngine(async request => {
        await bodyOf(request)
          .push(() => {
            throw new Error('mine')
          })
          .catch(() => delay(300))
        return new Response('decided')
      }),
    )
    const one = await client(port)
    await one.write(head('POST', '/uploads', `Content-Length: ${48 << 20}`))
    let sent = false
    void one.writeZeros(48 << 20).then(() => (sent = true))
    await delay(200)
    expect(sent).toBe(false)
    expect((await one.answer()).body).toBe('decided')
    await one.until(() => sent)
  })

  test('a request without a body has none', async () => {
    const port = await start(smallEngine(request => new Response(String(request.body))))
    const one = await client(port)
    await one.write(head('GET', '/uploads') + head('POST', '/uploads', 'Content-Length: 0'))
    expect((await one.answer()).body).toBe('null')
    expect((await one.answer()).body).toBe('null')
  })
})

describe('a sender that vanishes', () => {
  test.each(['reset', 'end'])('mid body is reported within 250 ms (%s)', async how => {
    const engine = smallEngine()
    const port = await start(engine)
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 1000000'))
    await one.write(new Uint8Array(100_000))
    await one.until(() => engine.seen[0]?.bytes === 100_000)
    const left = performance.now()
    if (how === 'reset') one.socket.resetAndDestroy()
    else one.socket.end()
    const [seen] = engine.seen
    await one.until(() => seen?.rejectedAt !== undefined && seen.abortedAt !== undefined, 1_000)
    expect(seen?.outcome).toMatchObject({ name: 'UploadError', code: 'aborted' })
    expect(Number(seen?.rejectedAt) - left).toBeLessThan(250)
    expect(Number(seen?.abortedAt) - left).toBeLessThan(250)
  })

  test('while the sink is busy is reported when the sink is done, never twice at work', async () => {
    let finish = () => {}
    const engine = smallEngine(async (request, _, seen) => {
      await bodyOf(request)
        .push(() => new Promise(resolve => (finish = resolve)))
        .catch((error: unknown) => (seen.outcome = error))
      return new Response('late')
    })
    const port = await start(engine)
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 1000'))
    await one.write('some')
    await one.until(() => engine.seen.length === 1)
    await delay(20)
    one.socket.resetAndDestroy()
    await delay(100)
    expect(engine.seen[0]?.outcome).toBeUndefined()
    finish()
    await one.until(() => engine.seen[0]?.outcome !== undefined, 500)
    expect(engine.seen[0]?.outcome).toMatchObject({ code: 'aborted' })
  })

  test('after its body, while we still work, aborts the signal', async () => {
    const engine = smallEngine(async (_, read) => {
      await read()
      await delay(300)
      return new Response('late')
    })
    const port = await start(engine)
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 4'))
    await one.write('body')
    await one.until(() => engine.seen[0]?.outcome === 'read')
    one.socket.resetAndDestroy()
    await one.until(() => engine.seen[0]?.abortedAt !== undefined, 250)
    await delay(350)
  })

  test('during the answer cancels it', async () => {
    let cancelled = false
    const port = await start(
      smallEngine(
        () =>
          new Response(
            new ReadableStream({
              pull: controller => controller.enqueue(new Uint8Array(65_536)),
              cancel: () => void (cancelled = true),
            }),
          ),
      ),
    )
    const one = await client(port)
    await one.write(head('GET', '/uploads'))
    await one.until(() => one.text.length > 100_000)
    one.socket.resetAndDestroy()
    await one.until(() => cancelled, 1_000)
  })
})

describe('a slow sender', () => {
  const limits = { minBytesPerSecond: 1000, rateWindowMs: 300, lingerMs: 100 }

  test('is refused with 408 and a sentence', async () => {
    const port = await start(smallEngine(), limits)
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 1000'))
    await one.write('drip')
    const { status, body, head: lines } = await one.answer(2_000)
    expect({ status, body }).toEqual({ status: 408, body: 'The upload was too slow.' })
    expect(lines.toLowerCase()).toContain('connection: close')
    await one.until(() => one.ended)
  })

  test('above the minimum is left alone, however long it takes', async () => {
    const port = await start(smallEngine(), limits)
    const one = await client(port)
    await one.write(head('POST', '/uploads', 'Content-Length: 2000'))
    for (let i = 0; i < 20; i++) {
      await one.write(new Uint8Array(100))
      await delay(50)
    }
    expect((await one.answer()).status).toBe(200)
  })

  test('is not blamed for our own slowness', async () => {
    const port = await start(
      smallEngine(async request => {
        await bodyOf(request).push(() => delay(1_000))
        return new Response('kept')
      }),
      limits,
    )
    const one = await client(port)
    await one.write(`${head('POST', '/uploads', 'Content-Length: 4')}body`)
    expect((await one.answer()).body).toBe('kept')
  })
})

describe('the answer', () => {
  test('keeps several cookies, and those set before', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2, 3'],
      ['vary', 'Cookie'],
    ])
    const handler = nodeUploads(smallEngine(() => new Response('x', { headers })))
    const port = await serve(
      createServer((req, res) => {
        res.setHeader('Set-Cookie', 'session=s').setHeader('Vary', 'Origin')
        handler(req, res)
      }),
    )
    const response = await fetch(`http://127.0.0.1:${port}/uploads`)
    expect(response.headers.getSetCookie()).toEqual(['session=s', 'a=1; Path=/', 'b=2, 3'])
    expect(response.headers.get('vary')).toBe('Origin, Cookie')
  })

  test('to HEAD has the length and no body', async () => {
    const port = await start(smallEngine(() => new Response('twelve bytes', { headers: { 'content-length': '12' } })))
    const one = await client(port)
    await one.write(head('HEAD', '/uploads'))
    await one.until(() => one.text.endsWith('\r\n\r\n'))
    await delay(20)
    expect(one.text).toContain('content-length: 12')
    expect(one.text.endsWith('\r\n\r\n')).toBe(true)
  })

  test('that breaks off is not taken for a whole one', async () => {
    let turn = 0
    const port = await start(
      smallEngine(
        () =>
          new Response(
            new ReadableStream({
              pull(controller) {
                if (turn++ < 3) controller.enqueue(new Uint8Array(10))
                else controller.error(new Error('disk gone'))
              },
            }),
          ),
      ),
    )
    const whole = fetch(`http://127.0.0.1:${port}/uploads`).then(response => response.arrayBuffer())
    await expect(whole).rejects.toThrow()
  })
})
