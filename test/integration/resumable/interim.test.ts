/** Interim answers: told before the bytes are read, over everything Node can speak. */
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { type NodeHandler, nodeUploads } from '../../../src/node.ts'
import { RawClient } from '../adapters/raw-client.ts'
import { type RealServer, realServer } from './real-server.ts'

let server: RealServer | undefined
afterEach(() => server?.close())

const creation = (length: number, version = 'HTTP/1.1') =>
  [
    `POST /uploads?name=a.bin ${version}`,
    'Host: x',
    'Upload-Complete: ?1',
    'Upload-Draft-Interop-Version: 8',
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n')

async function connect(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port)
  onTestFinished(() => void client.socket.destroy())
  return client
}

/** A server like `realServer`, but with the response changed before the engine sees it. */
async function plainServer(change: (res: object) => void): Promise<number> {
  const handle = nodeUploads(dropgate({ storage: memoryStorage(), log: () => {} }))
  const plain = createServer((req, res) => {
    change(res)
    handle(req, res)
  })
  await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    plain.closeAllConnections()
    plain.close()
  })
  return (plain.address() as AddressInfo).port
}

const interimHead =
  /^HTTP\/1\.1 104 [^\r]+\r\n(?=(?:[^\r]+\r\n)*Location: (\S+)\r\n)(?=(?:[^\r]+\r\n)*Upload-Limit: )(?:[^\r]+\r\n)+\r\n/i

describe('104', () => {
  test('an upload whose connection breaks in the middle goes on at the URL that was announced', async () => {
    server = await realServer('disk')
    const { send, port, text } = server
    const client = await connect(port)
    await client.write(creation(10))
    await vi.waitFor(() => expect(client.text).toMatch(interimHead))
    const url = interimHead.exec(client.text)?.[1] ?? ''
    await client.write('hello')
    await new Promise(resolve => setTimeout(resolve, 50))
    client.socket.destroy()
    await vi.waitFor(async () => expect((await send('HEAD', url)).headers.get('upload-offset')).toBe('5'))
    const rest = await send('PATCH', url, {
      headers: { 'Upload-Offset': 5, 'Upload-Complete': '?1', 'Content-Type': 'application/partial-upload' },
      body: 'world',
    })
    expect([rest.status, await text('a.bin')]).toEqual([201, 'helloworld'])
  })

  test('a Node without writeInformation writes the head itself', async () => {
    const port = await plainServer(res => Object.assign(res, { writeInformation: undefined }))
    const client = await connect(port)
    await client.write(creation(5))
    await vi.waitFor(() => expect(client.text).toMatch(interimHead))
    await client.write('hello')
    await vi.waitFor(() => expect(client.text).toContain('"size":5'))
    const [, final] = client.text.split(interimHead.exec(client.text)?.[0] as string)
    expect(final).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  })

  test('HTTP/1.0 gets none', async () => {
    server = await realServer('memory')
    const client = await connect(server.port)
    await client.write(`${creation(5, 'HTTP/1.0')}hello`)
    await vi.waitFor(() => expect(client.ended).toBe(true))
    expect(client.text).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  })

  test('a long upload is told how far it has come, in steps that are durable', async () => {
    server = await realServer('disk')
    const { interim, status } = await server.send('POST', '/uploads?name=a.bin', {
      headers: { 'Upload-Complete': '?1', 'Upload-Draft-Interop-Version': 8 },
      body: new Uint8Array(20 * 1024 * 1024),
    })
    const [first, ...steps] = interim.map(({ headers }) => headers)
    expect([status, first?.location]).toEqual([201, expect.stringMatching(/^\/uploads\//)])
    const offsets = steps.map(headers => Number(headers['upload-offset']))
    expect(offsets.length).toBeGreaterThan(0)
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    expect(steps.every(headers => headers.location === undefined)).toBe(true)
  })

  test('over HTTP/2 it is a head of its own', async () => {
    const handle = nodeUploads(dropgate({ storage: memoryStorage(), log: () => {} })) as NodeHandler<never, never>
    const plain = createHttp2((req, res) => handle(req as never, res as never))
    await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
    const session = connectHttp2(`http://127.0.0.1:${(plain.address() as AddressInfo).port}`)
    onTestFinished(() => {
      session.destroy()
      plain.close()
    })
    const stream = session.request({
      ':method': 'POST',
      ':path': '/uploads?name=a.bin',
      'upload-complete': '?1',
      'upload-draft-interop-version': '8',
    })
    const heads: unknown[] = []
    stream.on('headers', headers => heads.push([headers[':status'], headers.location]))
    const status = new Promise(resolve => stream.once('response', headers => resolve(headers[':status'])))
    await vi.waitFor(() => expect(heads).toEqual([[104, expect.stringMatching(/^\/uploads\//)]]))
    stream.end('hello')
    expect(await status).toBe(201)
  })

  test('tus clients get none', async () => {
    server = await realServer('memory')
    const answer = await server.send('POST', '/uploads', {
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': 3, 'Upload-Draft-Interop-Version': 8 },
    })
    expect([answer.status, answer.interim]).toEqual([201, []])
  })
})
