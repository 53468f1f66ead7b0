/** What was begun over a line that broke before its URL was told can never be continued, so nothing of it stays. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { DropgateOptions } from '../../../src/index.ts'
import { RawClient } from '../adapters/raw-client.ts'
import { type RealServer, realServer } from './real-server.ts'

let server: RealServer
afterEach(() => server.close())

async function begin(lines: readonly string[], options: Partial<DropgateOptions> = {}, target = '/uploads') {
  server = await realServer('disk', options)
  const client = await RawClient.connect(server.port)
  onTestFinished(() => void client.socket.destroy())
  await client.write(`${[`POST ${target} HTTP/1.1`, 'Host: x', ...lines].join('\r\n')}\r\n\r\n`)
  return client
}

async function records(): Promise<string[]> {
  const found: string[] = []
  for await (const { id } of server.storage.resumable.records()) found.push(id)
  return found
}

const tus = ['Tus-Resumable: 1.0.0', `Upload-Metadata: filename ${btoa('a.bin')}`, 'Upload-Length: 10']
const octets = ['Content-Type: application/offset+octet-stream', 'Content-Length: 10']

test('tus, creation with upload, cut in its bytes', async () => {
  const client = await begin([...tus, ...octets])
  await vi.waitFor(async () => expect(await records()).toHaveLength(1))
  await client.write('abc')
  client.socket.destroy()
  await vi.waitFor(async () => expect(await records()).toEqual([]))
})

test('tus, creation, cut before its answer', async () => {
  let proceed: () => void = () => {}
  let isAsked = false
  const onUploadCreate = () => {
    isAsked = true
    return new Promise<void>(resolve => {
      proceed = resolve
    })
  }
  let isRefused = false
  const onUploadReject = () => void (isRefused = true)
  const client = await begin(tus, { onUploadCreate, onUploadReject })
  await vi.waitFor(() => expect(isAsked).toBe(true))
  client.socket.resetAndDestroy()
  await new Promise(resolve => setTimeout(resolve, 100))
  proceed()
  await vi.waitFor(() => expect(isRefused).toBe(true))
  await vi.waitFor(async () => expect(await records()).toEqual([]))
})

test('IETF without a version, which has no interim answer', async () => {
  const client = await begin(['Upload-Complete: ?1', 'Content-Length: 10'], {}, '/uploads?name=a.bin')
  await vi.waitFor(async () => expect(await records()).toHaveLength(1))
  await client.write('abc')
  client.socket.destroy()
  await vi.waitFor(async () => expect(await records()).toEqual([]))
})

test('IETF with its URL told in time: what came stays', async () => {
  const lines = ['Upload-Complete: ?1', 'Upload-Draft-Interop-Version: 8', 'Content-Length: 10']
  const client = await begin(lines, {}, '/uploads?name=a.bin')
  await client.until(() => client.text.includes('104'))
  await client.write('abc')
  await new Promise(resolve => setTimeout(resolve, 50))
  client.socket.destroy()
  await new Promise(resolve => setTimeout(resolve, 200))
  const [id] = await records()
  const head = await server.send('HEAD', `/uploads/${id}`)
  expect([head.status, head.headers.get('upload-offset')]).toEqual([204, '3'])
})

test('an answer that was told keeps the upload, whatever becomes of the line', async () => {
  const client = await begin(tus)
  expect((await client.answer()).status).toBe(201)
  client.socket.resetAndDestroy()
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(await records()).toHaveLength(1)
})
