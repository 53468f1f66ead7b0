/** A refusal that the head alone decides is told before the body is read, and reaches whoever goes on writing. */
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { RawClient } from '../adapters/raw-client.ts'
import { named, type RealServer, realServer } from './real-server.ts'

const gib = 1024 ** 3
const tus = 'Tus-Resumable: 1.0.0'
const tusBody = [tus, 'Content-Type: application/offset+octet-stream']
const ietfBody = ['Content-Type: application/partial-upload', 'Upload-Complete: ?0']

let server: RealServer
afterEach(() => server.close())

async function client(): Promise<RawClient> {
  const one = await RawClient.connect(server.port)
  onTestFinished(() => void one.socket.destroy())
  return one
}

test.each([
  ['409 to tus', 409, [...tusBody, 'Upload-Offset: 7'], 'upload-offset: 2'],
  ['409 to IETF', 409, [...ietfBody, 'Upload-Offset: 7'], 'upload-offset: 2'],
  ['413 beyond the length', 413, [...tusBody, 'Upload-Offset: 2'], 'tus-resumable: 1.0.0'],
  ['415', 415, [tus, 'Content-Type: text/plain', 'Upload-Offset: 2'], 'tus-resumable: 1.0.0'],
  ['412', 412, ['Upload-Offset: 2'], 'tus-version: 1.0.0'],
  ['400', 400, [...tusBody, 'Upload-Offset: x'], 'tus-resumable: 1.0.0'],
])('%s', async (_what, status, lines, header) => {
  server = await realServer('disk')
  const { send } = server
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': 10, ...named('a.bin') }
  const url = (await send('POST', '/uploads', { headers })).headers.get('location') ?? ''
  const octets = { 'Tus-Resumable': '1.0.0', 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': 0 }
  await send('PATCH', url, { headers: octets, body: 'ab' })
  const one = await client()
  const head = [`PATCH ${url} HTTP/1.1`, 'Host: x', `Content-Length: ${gib}`, ...lines]
  await one.write(`${head.join('\r\n')}\r\n\r\n`)
  // Not one byte of the body has been sent.
  const answer = await one.answer()
  expect(answer.status).toBe(status)
  expect(answer.head.toLowerCase()).toContain(header)
  expect(answer.body).not.toBe('')
  // The rest is thrown away within a budget, so that no reset overtakes the answer.
  expect(await one.writeZeros(16 * 1024 * 1024)).toBe(16 * 1024 * 1024)
  expect(one.error).toBeUndefined()
  const after = await send('HEAD', url, { headers: { 'Tus-Resumable': '1.0.0' } })
  expect(after.headers.get('upload-offset')).toBe('2')
})

test('a client that writes all before it reads has its 409 too', async () => {
  server = await realServer('memory')
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': 10, ...named('a.bin') }
  const url = (await server.send('POST', '/uploads', { headers })).headers.get('location') ?? ''
  const one = await RawClient.connect(server.port, { reading: false })
  onTestFinished(() => void one.socket.destroy())
  const size = 32 * 1024 * 1024
  const head = [`PATCH ${url} HTTP/1.1`, 'Host: x', `Content-Length: ${size}`, ...tusBody, 'Upload-Offset: 7']
  await one.write(`${head.join('\r\n')}\r\n\r\n`)
  expect(await one.writeZeros(size)).toBe(size)
  one.socket.resume()
  expect((await one.answer()).status).toBe(409)
})
