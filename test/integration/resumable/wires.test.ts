/** One state under two wires, and who may touch it. */
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { type DropgateOptions, UploadError } from '../../../src/index.ts'
import { named, type RealServer, type RequestParts, realServer, type StorageKind, tusChecksum } from './real-server.ts'

const tus = { 'Tus-Resumable': '1.0.0' }
const octets = { 'Content-Type': 'application/offset+octet-stream' }
const partial = { 'Content-Type': 'application/partial-upload' }

let server: RealServer
afterEach(() => server.close())

async function start(kind: StorageKind = 'memory', options: Partial<DropgateOptions> = {}): Promise<RealServer> {
  server = await realServer(kind, options)
  return server
}

async function create(length: number, name = 'a.bin', headers: RequestParts['headers'] = {}): Promise<string> {
  const answer = await server.send('POST', '/uploads', {
    headers: { ...tus, 'Upload-Length': length, ...named(name), ...headers },
  })
  return answer.headers.get('location') ?? ''
}

const patch = (url: string, offset: number | string, body: string, headers: RequestParts['headers'] = {}) =>
  server.send('PATCH', url, { headers: { ...tus, ...octets, 'Upload-Offset': offset, ...headers }, body })
const append = (url: string, offset: number, complete: boolean, body: string) =>
  server.send('PATCH', url, {
    headers: { ...partial, 'Upload-Offset': offset, 'Upload-Complete': complete ? '?1' : '?0' },
    body,
  })
const head = (url: string, headers: RequestParts['headers'] = tus) => server.send('HEAD', url, { headers })

/** A PATCH that stops in the middle of its body. */
function stalledPatch(url: string, length: number, first: string, headers: Record<string, string | number>) {
  const request = httpRequest(new URL(url, server.origin), {
    method: 'PATCH',
    agent: false,
    headers: { 'Content-Length': length, ...headers },
  })
  const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', response => {
      let text = ''
      response.on('data', chunk => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
  })
  answer.catch(() => {})
  request.write(first)
  onTestFinished(() => void request.destroy())
  return { request, answer }
}

describe.each<StorageKind>(['memory', 'disk'])('one state, two wires, on %s', kind => {
  test('begun by tus, continued by the IETF protocol, finished by tus', async () => {
    const { text, send } = await start(kind)
    const url = await create(9)
    await patch(url, 0, 'abc')
    const seen = (await send('HEAD', url)).headers
    expect([seen.get('upload-offset'), seen.get('upload-length'), seen.get('upload-complete')]).toEqual([
      '3',
      '9',
      '?0',
    ])
    expect((await append(url, 3, false, 'def')).status).toBe(204)
    expect((await head(url)).headers.get('upload-offset')).toBe('6')
    expect((await patch(url, 6, 'ghi')).status).toBe(204)
    expect(await text('a.bin')).toBe('abcdefghi')
    expect((await send('HEAD', url)).headers.get('upload-complete')).toBe('?1')
  })

  test('begun by the IETF protocol, continued by tus, which learns the length, finished by IETF', async () => {
    const { text, send } = await start(kind)
    const headers = { 'Upload-Complete': '?0' }
    const url = (await send('POST', '/uploads?name=b.bin', { headers, body: 'abc' })).headers.get('location') ?? ''
    const seen = (await head(url)).headers
    expect([seen.get('upload-offset'), seen.get('upload-defer-length')]).toEqual(['3', '1'])
    await patch(url, 3, 'def', { 'Upload-Length': 9 })
    expect((await append(url, 6, true, 'ghi')).status).toBe(201)
    expect(await text('b.bin')).toBe('abcdefghi')
    const end = (await head(url)).headers
    expect([end.get('upload-offset'), end.get('upload-length')]).toEqual(['9', '9'])
  })
})

describe('row 73: two tabs', () => {
  test('the newest wins at once, the old one is told for good, no bytes are mixed', async () => {
    const { text } = await start('disk')
    const url = await create(10)
    const old = stalledPatch(url, 10, 'aaa', { ...tus, ...octets, 'Upload-Offset': 0 })
    await new Promise(resolve => setTimeout(resolve, 100))
    const asked = performance.now()
    const seen = await head(url)
    expect(performance.now() - asked).toBeLessThan(250)
    expect(seen.headers.get('upload-offset')).toBe('3')
    const newest = patch(url, 3, 'bbbbbbb')
    old.request.write('aaaaaaa')
    expect((await newest).status).toBe(204)
    expect(await old.answer).toEqual({ status: 400, text: 'The upload was continued from somewhere else.' })
    expect(await text('a.bin')).toBe('aaabbbbbbb')
  })

  test('DELETE cuts a running PATCH', async () => {
    const { names } = await start('disk')
    const url = await create(10)
    const old = stalledPatch(url, 10, 'aaa', { ...tus, ...octets, 'Upload-Offset': 0 })
    await new Promise(resolve => setTimeout(resolve, 100))
    expect((await server.send('DELETE', url, { headers: tus })).status).toBe(204)
    expect((await old.answer).status).toBe(400)
    expect([(await head(url)).status, await names()]).toEqual([404, []])
  })
})

describe('rows 64 and 77: uploads of others', () => {
  test('are answered like unknown ones, in every dialect and method', async () => {
    let visitor = 'a'
    await start('memory', { authorize: () => visitor })
    const mine = await create(3)
    const partialUrl = await create(3, '', { 'Upload-Concat': 'partial' })
    await patch(partialUrl, 0, 'abc')
    visitor = 'b'
    const unknown = `/uploads/${'0'.repeat(32)}`
    const ask = async (url: string, other: string) => {
      const join = { headers: { ...tus, ...named('x'), 'Upload-Concat': `final;${other}` } }
      const all = [
        await head(url),
        await head(url, {}),
        await server.send('GET', url, { headers: { 'Upload-Complete': '?0' } }),
      ]
      all.push(await patch(url, 0, 'x'), await append(url, 0, false, 'x'), await server.send('POST', '/uploads', join))
      all.push(await server.send('DELETE', url, { headers: tus }), await server.send('DELETE', url))
      return all.map(({ status, text, headers }) => {
        const kept = [...headers].filter(([name]) => name !== 'date')
        return { status, text, kept }
      })
    }
    const answers = await ask(mine, partialUrl)
    expect(answers).toEqual(await ask(unknown, unknown))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
    visitor = 'a'
    expect((await head(mine)).status).toBe(200)
  })

  test('answers are never cached', async () => {
    await start()
    const url = await create(3)
    for (const answer of [await head(url), await patch(url, 0, 'a'), await head(url, {})]) {
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('row 74: a right that is lost midway', () => {
  test('is refused at the end, and the file is never visible', async () => {
    let isAllowed = true
    const authorize = () => {
      if (!isAllowed) throw new UploadError('not-allowed')
      return 'a'
    }
    const { names } = await start('disk', { authorize })
    const url = await create(6)
    await patch(url, 0, 'abc')
    isAllowed = false
    const refused = await patch(url, 3, 'def')
    expect([refused.status, refused.text]).toEqual([403, 'You are not allowed to upload this file.'])
    expect((await head(url)).status).toBe(403)
    expect(await names()).toEqual([])
  })
})

describe('rows 70 to 72: hostile values', () => {
  test.each(['-1', '+5', '5.0', '1e1', '0x1', '05', '9223372036854775808', '5, 5', '\u0665', 'NaN', ''])(
    'Upload-Offset %j moves nothing',
    async value => {
      await start()
      const url = await create(10)
      await patch(url, 0, 'abcde')
      const refused = await patch(url, Buffer.from(value).toString('latin1'), 'x')
      expect([refused.status, refused.text]).toEqual([400, 'Invalid Upload-Offset.'])
      expect((await head(url)).headers.get('upload-offset')).toBe('5')
    },
  )

  test('metadata is told again without a raw byte of it', async () => {
    await start()
    const name = Buffer.from('"><script>\u00e9\u202e.bin').toString('base64')
    const url = await create(3, '', { 'Upload-Metadata': `filename ${name},note ${btoa('a,b c;d')}` })
    expect((await head(url)).headers.get('upload-metadata')).toMatch(/^[\x21-\x7e]+ [\w+/=]+,[\x21-\x7e]+ [\w+/=]+$/)
  })

  test('row 71: the sum of a concatenation is checked before a byte is copied', async () => {
    const { send } = await start('memory', { policy: { maxFileSize: '4 KiB' } })
    const part = await create(3000, '', { 'Upload-Concat': 'partial' })
    await patch(part, 0, 'x'.repeat(3000))
    const join = (count: number) =>
      send('POST', '/uploads', {
        headers: { ...tus, ...named('x.bin'), 'Upload-Concat': `final;${Array(count).fill(part).join(' ')}` },
      })
    expect([(await join(2)).status, (await join(1)).status]).toEqual([413, 201])
    expect((await join(200)).status).toBe(413)
  })

  test('a checksum of one algorithm and the length of another', async () => {
    await start()
    const url = await create(5)
    const field = tusChecksum('sha1', 'hello').replace('sha1', 'sha256')
    expect((await patch(url, 0, 'hello', { 'Upload-Checksum': field })).status).toBe(400)
  })
})

describe('hooks', () => {
  test('see the metadata at both ends, whichever request brings the last byte', async () => {
    const seen: string[] = []
    const note = (where: string) => (_file: unknown, context: { fields: Map<string, string> }) =>
      void seen.push(`${where} ${context.fields.get('album')}`)
    await start('disk', { onUploadCreate: note('create'), onUploadFinish: note('finish') })
    const metadata = `filename ${btoa('a.bin')},album ${btoa('summer')}`
    const url = await create(4, '', { 'Upload-Metadata': metadata })
    await patch(url, 0, 'ab')
    await patch(url, 2, 'cd')
    expect(seen).toEqual(['create summer', 'finish summer'])
  })

  test('do not see partial uploads, only their sum', async () => {
    const seen: string[] = []
    const { names } = await start('memory', {
      policy: { accept: '.bin' },
      onUploadCreate: file => void seen.push(`create ${file.name}`),
      onUploadFinish: file => void seen.push(`finish ${file.name} ${file.size}`),
    })
    const parts: string[] = []
    for (const body of ['abc', 'de']) {
      const url = await create(body.length, '', { 'Upload-Concat': 'partial' })
      await patch(url, 0, body)
      parts.push(url)
    }
    const join = (name: string) =>
      server.send('POST', '/uploads', {
        headers: { ...tus, ...named(name), 'Upload-Concat': `final;${parts.join(' ')}` },
      })
    expect([(await join('a.exe')).status, (await join('a.bin')).status]).toEqual([415, 201])
    expect(seen).toEqual(['create a.bin', 'finish a.bin 5'])
    expect(await names()).toEqual(['a.bin'])
  })
})
