/** Row 31 for ordinary forms: where `prepareServer` lifts Node's limit, every body that we read has the minimum rate. */
import { createServer, type Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { createAccess } from '../../../src/cli/access.ts'
import { createRoutes } from '../../../src/cli/routes.ts'
import { csrf } from '../../../src/csrf.ts'
import { csrfProtect } from '../../../src/express.ts'
import { dropgate, isUploadError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { prepareServer, readText } from '../../../src/node.ts'
import type { RawClient } from './raw-client.ts'
import { client, head, serve } from './serving.ts'

/** The defaults, a hundred times faster. */
const scaled = { rateWindowMs: 300, lingerMs: 100, drainMs: 10_000 }
const protection = csrf({ secret: 'a secret of sixteen letters', log: () => {} })

const behindExpress = (make: typeof express) =>
  createServer(
    make()
      .use(csrfProtect(protection, scaled))
      .post('/form', (_req, res) => void res.send('good')),
  )

const commandLine = () => {
  const storage = memoryStorage()
  const uploads = dropgate({ storage, log: () => {} })
  const access = createAccess('s3cret')
  return createServer(createRoutes({ uploads, storage, access, localOnly: false, onRefused: () => {}, bodies: scaled }))
}

const ownRoute = () =>
  createServer(async (req, res) => {
    try {
      res.end(await readText(req, res, 100, scaled))
    } catch (error) {
      if (!isUploadError(error)) throw error
      res.writeHead(error.status, { 'Content-Length': error.message.length }).end(error.message)
    }
  })

const servers: ReadonlyArray<readonly [string, () => Server, string]> = [
  ['the token form of the command line', commandLine, '/token'],
  ['csrfProtect on Express 5', () => behindExpress(express), '/form'],
  ['csrfProtect on Express 4', () => behindExpress(express4 as unknown as typeof express), '/form'],
  ['a route with readText', ownRoute, '/'],
]

const form = 'Content-Type: application/x-www-form-urlencoded'

/** A byte now and then, until the connection is gone. */
async function drip(one: RawClient): Promise<void> {
  while (!one.closed && one.error === undefined) {
    await one.write('a')
    await delay(20)
  }
}

describe.each(servers)('%s', (_, make, path) => {
  test('row 31: a dripping form gets 408, and its connection goes', async () => {
    const server = prepareServer(make())
    const one = await client(await serve(server))
    await one.write(head('POST', path, form, 'Content-Length: 1000'))
    const dripping = drip(one)
    expect(await one.answer(3_000)).toMatchObject({ status: 408, body: 'The upload was too slow.' })
    const connections = () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, n) => (error ? reject(error) : resolve(n))),
      )
    const end = performance.now() + 2_000
    while ((await connections()) > 0 && performance.now() < end) await delay(10)
    expect(await connections()).toBe(0)
    await dripping
  })

  test('a form that pauses for less than the window is read', async () => {
    const one = await client(await serve(prepareServer(make())))
    await one.write(`${head('POST', path, form, 'Content-Length: 11')}token=`)
    await delay(100)
    await one.write('wrong')
    const { status } = await one.answer(3_000)
    expect([200, 400, 401]).toContain(status)
  })
})

describe('readText', () => {
  const ask = async (body: BodyInit) => {
    const port = await serve(ownRoute())
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
    return [answer.status, await answer.text()]
  }

  test('gives text of UTF-8, whatever chunks it comes in', async () => {
    expect(await ask('Grüße 😀')).toEqual([200, 'Grüße 😀'])
    expect(await ask('')).toEqual([200, ''])
    const port = await serve(ownRoute())
    const one = await client(port)
    const bytes = Buffer.from('ü😀')
    await one.write(head('POST', '/', `Content-Length: ${bytes.length}`))
    for (const byte of bytes) {
      await one.write(Uint8Array.of(byte))
      await delay(5)
    }
    const { body } = await one.answer()
    expect(Buffer.from(body, 'latin1').toString('utf8')).toBe('ü😀')
  })

  test('reads no more than it may', async () => {
    expect(await ask('x'.repeat(100))).toEqual([200, 'x'.repeat(100)])
    expect(await ask(`${'ü'.repeat(50)}x`)).toEqual([413, 'A field is too long.'])
    expect(await ask('x'.repeat(1_000_000))).toEqual([413, 'A field is too long.'])
  })
})
