/** One state under three wires: Dropzone's chunks, tus and the IETF protocol go on with what another began. */
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { DropgateOptions } from '../../../src/index.ts'
import { chunkBody, chunkBytes, chunkPieces, content, formType, uuidOf } from './chunk-form.ts'
import { named, type RealServer, type RequestParts, realServer, type StorageKind, tusChecksum } from './real-server.ts'

const uuid = '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10'
const tus = { 'Tus-Resumable': '1.0.0' }
const octets = { 'Content-Type': 'application/offset+octet-stream' }
const partial = { 'Content-Type': 'application/partial-upload' }

let server: RealServer
afterEach(() => server.close())

async function start(kind: StorageKind = 'memory', options: Partial<DropgateOptions> = {}): Promise<RealServer> {
  server = await realServer(kind, options)
  return server
}

type Headers = RequestParts['headers']

async function chunk(index: number, of: string = uuid, bytes?: Uint8Array, headers: Headers = {}) {
  const parts = { headers: { ...formType, ...headers }, body: chunkBody(of, index, bytes) }
  const answer = await server.send('POST', '/uploads', parts)
  const files = answer.status === 201 ? (JSON.parse(answer.text) as { files: object[] }).files : []
  return { ...answer, files, url: answer.headers.get('location') ?? '' }
}

async function head(url: string, headers: Headers = tus) {
  const answer = await server.send('HEAD', url, { headers })
  const told = (name: string) => answer.headers.get(name)
  const length = told('upload-length') ?? (told('upload-defer-length') === '1' ? 'deferred' : undefined)
  return { status: answer.status, offset: told('upload-offset'), length, file: told('dropgate-file') }
}

const patch = (url: string, offset: number, body: Uint8Array, headers: Headers = {}) =>
  server.send('PATCH', url, { headers: { ...tus, ...octets, 'Upload-Offset': offset, ...headers }, body })

const append = (url: string, offset: number, complete: boolean, body: Uint8Array) =>
  server.send('PATCH', url, {
    headers: { ...partial, 'Upload-Offset': offset, 'Upload-Complete': complete ? '?1' : '?0' },
    body,
  })

async function createByTus(length: number = content.length, headers: Headers = {}): Promise<string> {
  const answer = await server.send('POST', '/uploads', {
    headers: { ...tus, 'Upload-Length': length, ...named('film.bin'), ...headers },
  })
  return answer.headers.get('location') ?? ''
}

/** A request that stops in the middle of its body. */
function stalled(method: string, url: string, headers: Record<string, string | number>, first: Uint8Array) {
  const request = httpRequest(new URL(url, server.origin), { method, agent: false, headers })
  const status = new Promise<number>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', response => resolve(response.resume().statusCode ?? 0))
  })
  status.catch(() => {})
  request.write(first)
  onTestFinished(() => void request.destroy())
  return { request, status }
}

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 5))
}

/** The only record there is, as it was last saved. */
async function theRecord(): Promise<{ writing?: number[]; offset: number } | undefined> {
  for await (const { record } of server.storage.resumable.records()) return JSON.parse(record)
  return undefined
}

describe.each<StorageKind>(['memory', 'disk'])('what chunks began, on %s', kind => {
  test('tus goes on with, over what is there, and ends; a repeated chunk is told the same', async () => {
    const { bytes, names } = await start(kind)
    const { url } = await chunk(0)
    expect(await head(url)).toMatchObject({ status: 200, offset: '20', length: 'deferred' })
    expect((await chunk(2)).url).toBe(url)
    expect(await head(url)).toMatchObject({ offset: '20', length: '50' })
    expect((await patch(url, 20, content.slice(20, 25))).headers.get('upload-offset')).toBe('25')
    const last = await patch(url, 25, content.slice(25))
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '50'])
    expect(await bytes('film.bin')).toEqual(content)
    const file = JSON.parse(last.headers.get('dropgate-file') ?? '')
    expect((await chunk(2)).files).toEqual([file])
    expect(JSON.parse((await head(url)).file ?? '')).toEqual(file)
    expect(await names()).toEqual(['film.bin'])
  })

  test('the IETF protocol goes on with; its offset jumps over what was there', async () => {
    const { bytes } = await start(kind)
    const { url } = await chunk(1)
    expect((await server.send('HEAD', url)).headers.get('upload-offset')).toBe('0')
    const first = await append(url, 0, false, content.slice(0, 20))
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '40'])
    const last = await append(url, 40, true, content.slice(40))
    expect([last.status, JSON.parse(last.text)]).toEqual([201, { files: (await chunk(0)).files }])
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('tus and chunks take turns with, and chunks end', async () => {
    const { bytes } = await start(kind)
    const { url } = await chunk(1)
    await patch(url, 0, content.slice(0, 3))
    expect(await head(url)).toMatchObject({ offset: '3' })
    expect((await chunk(0)).status).toBe(201)
    expect(await head(url)).toMatchObject({ offset: '40' })
    const { files } = await chunk(2)
    expect(files).toMatchObject([{ name: 'film.bin', size: 50 }])
    expect(JSON.parse((await head(url)).file ?? '')).toMatchObject({ name: 'film.bin', size: 50 })
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('tus deletes', async () => {
    await start(kind)
    const { url } = await chunk(0)
    expect((await server.send('DELETE', url, { headers: tus })).status).toBe(204)
    expect((await head(url)).status).toBe(404)
    expect((await chunk(1)).status).toBe(201)
    expect(await head(url)).toMatchObject({ offset: '0' })
  })

  test('a request with a wrong checksum can not change', async () => {
    const { bytes } = await start(kind)
    const { url } = await chunk(1)
    const wrong = new Uint8Array(40).fill(255)
    const refused = await patch(url, 0, wrong, { 'Upload-Checksum': tusChecksum('sha1', 'something else') })
    expect([refused.status, (await head(url)).offset]).toEqual([460, '0'])
    for (const index of [0, 2]) await chunk(index)
    expect(await bytes('film.bin')).toEqual(content)
  })
})

describe.each<StorageKind>(['memory', 'disk'])('what tus or the IETF protocol began, on %s', kind => {
  test('chunks go on with, and end', async () => {
    const { bytes, names } = await start(kind)
    const url = await createByTus()
    await patch(url, 0, content.slice(0, 25))
    expect((await chunk(0, uuidOf(url))).url).toBe(url)
    expect(await head(url)).toMatchObject({ offset: '25' })
    expect((await chunk(1, uuidOf(url))).status).toBe(201)
    expect(await head(url)).toMatchObject({ offset: '40' })
    const { files } = await chunk(2, uuidOf(url))
    expect([JSON.parse((await head(url)).file ?? '')]).toEqual(files)
    expect(await bytes('film.bin')).toEqual(content)
    expect(await names()).toEqual(['film.bin'])
  })

  test('chunks go on with, and the IETF protocol ends, which alone knew no length', async () => {
    const { bytes } = await start(kind)
    const begun = await server.send('POST', '/uploads?name=film.bin', {
      headers: { 'Upload-Complete': '?0' },
      body: content.slice(0, 5),
    })
    const url = begun.headers.get('location') ?? ''
    await chunk(0, uuidOf(url))
    const seen = await server.send('HEAD', url)
    expect([seen.headers.get('upload-offset'), seen.headers.get('upload-length')]).toEqual(['20', null])
    expect((await append(url, 20, true, content.slice(20))).status).toBe(201)
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('a chunk of other bytes is refused, and nothing is lost', async () => {
    const { bytes } = await start(kind)
    const url = await createByTus()
    await patch(url, 0, content.slice(0, 25))
    expect((await chunk(0, uuidOf(url), new Uint8Array(20))).status).toBe(409)
    await patch(url, 25, content.slice(25))
    expect(await bytes('film.bin')).toEqual(content)
  })
})

describe('one upload, three wires', () => {
  test('a chunk that stalls has to stop when tus goes on, and can not write another byte', async () => {
    const { bytes } = await start('disk')
    await chunk(0)
    const evil = chunkPieces(uuid, 1, new Uint8Array(20).fill(255))
    const length = evil.head.length + evil.bytes.length + evil.end.length
    const sender = stalled('POST', '/uploads', { ...formType, 'Content-Length': length }, evil.head)
    await until(async () => (await theRecord())?.writing?.includes(1) === true)
    const { url } = await chunk(2)
    expect((await patch(url, 20, content.slice(20, 40))).headers.get('upload-offset')).toBe('50')
    expect(await bytes('film.bin')).toEqual(content)
    sender.request.end(Buffer.concat([evil.bytes, evil.end]))
    expect(await sender.status).toBe(400)
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('a PATCH that stalls has to stop when a chunk comes; its bytes are kept', async () => {
    const { bytes } = await start('disk')
    const url = await createByTus()
    const headers = { ...tus, ...octets, 'Upload-Offset': 0, 'Content-Length': 50 }
    const sender = stalled('PATCH', url, headers, content.slice(0, 10))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect((await chunk(1, uuidOf(url))).status).toBe(201)
    expect(await sender.status).toBe(400)
    expect(await head(url)).toMatchObject({ offset: '10' })
    await patch(url, 10, content.slice(10))
    expect(await bytes('film.bin')).toEqual(content)
  })

  test.each([
    ['a length that the chunks can not have', (url: string) => patch(url, 20, chunkBytes(1), { 'Upload-Length': 61 })],
    ['an end before what is there', (url: string) => append(url, 20, true, content.slice(20, 45))],
    ['bytes beyond the end', (url: string) => patch(url, 20, new Uint8Array(41))],
  ])('%s is refused, and the upload stays', async (_name, lie) => {
    const { bytes } = await start()
    const { url } = await chunk(0)
    if (_name.startsWith('an end')) await chunk(2)
    expect((await lie(url)).status).toBeGreaterThanOrEqual(400)
    for (const index of [1, 2]) await chunk(index)
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('chunks that do not fit an upload of tus are refused', async () => {
    await start()
    const url = await createByTus(100)
    expect((await chunk(0, uuidOf(url))).status).toBe(400)
    const piece = await server.send('POST', '/uploads', {
      headers: { ...tus, 'Upload-Length': 50, 'Upload-Concat': 'partial' },
    })
    expect((await chunk(0, uuidOf(piece.headers.get('location') ?? ''))).status).toBe(400)
  })

  test('a page of a listed origin may read where the upload of its chunk is', async () => {
    await start('memory', { cors: { origins: ['https://app.example'] } })
    const { headers, url } = await chunk(0, uuid, undefined, { Origin: 'https://app.example' })
    expect(url).toMatch(/^\/uploads\/[\w-]{43}$/)
    expect(headers.get('access-control-expose-headers')?.split(', ')).toContain('Location')
  })
})

describe('a stranger', () => {
  const authorize: DropgateOptions['authorize'] = ({ headers }) => headers.get('x-user') ?? ''
  const ann = { 'X-User': 'ann' }
  const bob = { 'X-User': 'bob' }

  test('who knows the id finds nothing, and does not interrupt its owner', async () => {
    const { bytes } = await start('disk', { authorize })
    const url = await createByTus(50, ann)
    const headers = { ...tus, ...octets, ...ann, 'Upload-Offset': 0, 'Content-Length': 50 }
    const sender = stalled('PATCH', url, headers, content.slice(0, 10))
    await new Promise(resolve => setTimeout(resolve, 100))
    expect((await head(url, { ...tus, ...bob })).status).toBe(404)
    expect((await head(url, bob)).status).toBe(404)
    expect((await patch(url, 0, content, bob)).status).toBe(404)
    expect((await server.send('DELETE', url, { headers: { ...tus, ...bob } })).status).toBe(404)
    // With the same uuid it is an upload of his own.
    expect((await chunk(0, uuidOf(url), undefined, bob)).url).not.toBe(url)
    sender.request.end(content.slice(10))
    expect(await sender.status).toBe(204)
    expect(await bytes('film.bin')).toEqual(content)
  })

  test('can not stop chunks either', async () => {
    const { bytes } = await start('disk', { authorize })
    const { url } = await chunk(0, uuid, undefined, ann)
    await chunk(2, uuid, undefined, ann)
    const { head: first, bytes: own, end } = chunkPieces(uuid, 1)
    const length = first.length + own.length + end.length
    const sender = stalled('POST', '/uploads', { ...formType, ...ann, 'Content-Length': length }, first)
    await until(async () => (await theRecord())?.writing?.includes(1) === true)
    expect((await patch(url, 20, content.slice(20), bob)).status).toBe(404)
    expect((await server.send('DELETE', url, { headers: { ...tus, ...bob } })).status).toBe(404)
    sender.request.end(Buffer.concat([own, end]))
    expect(await sender.status).toBe(201)
    expect(await bytes('film.bin')).toEqual(content)
  })
})
