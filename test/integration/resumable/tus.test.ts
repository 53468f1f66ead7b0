import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate, UploadError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'

function server(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const time = { now: 1_800_000_000_000 }
  const uploads = dropgate({ storage, clock: { now: () => time.now }, log: () => {}, ...options })
  const send = async (method: string, url: string, headers: Record<string, string> = {}, body?: BodyInit) => {
    const init = { method, headers: { 'Tus-Resumable': '1.0.0', ...headers }, ...(body !== undefined && { body }) }
    const response = await uploads.handle(new Request(new URL(url, 'http://localhost'), init))
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const create = async (length: number, name = 'a.bin', extra: Record<string, string> = {}) => {
    const metadata = `filename ${btoa(name)}`
    const response = await send('POST', '/uploads', {
      'Upload-Length': String(length),
      'Upload-Metadata': metadata,
      ...extra,
    })
    return { ...response, url: response.headers.get('location') ?? '' }
  }
  const patch = (url: string, offset: number, body: BodyInit, extra: Record<string, string> = {}) =>
    send(
      'PATCH',
      url,
      { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream', ...extra },
      body,
    )
  const text = async (name: string) => {
    const file = await storage.read(name)
    return file && new Response(file.body).text()
  }
  return { uploads, storage, time, send, create, patch, text }
}

const offset = ({ headers }: { headers: Headers }) => headers.get('upload-offset')

describe('tus', () => {
  test('an upload in two pieces is a file, checked and announced once', async () => {
    const finished: string[] = []
    const { create, patch, send, text } = server({ onUploadFinish: file => void finished.push(file.name) })
    const created = await create(10)
    expect(created.status).toBe(201)
    const first = await patch(created.url, 0, 'hello')
    expect([first.status, offset(first)]).toEqual([204, '5'])
    expect(await text('a.bin')).toBeUndefined()
    const head = await send('HEAD', created.url)
    expect([head.status, offset(head), head.headers.get('upload-length')]).toEqual([200, '5', '10'])
    const last = await patch(created.url, 5, 'world')
    expect([last.status, offset(last)]).toEqual([204, '10'])
    expect(await text('a.bin')).toBe('helloworld')
    const again = await patch(created.url, 5, 'world')
    expect([again.status, offset(again)]).toEqual([204, '10'])
    expect(finished).toEqual(['a.bin'])
  })

  test('OPTIONS tells what there is', async () => {
    const { send } = server()
    const { status, headers } = await send('OPTIONS', '/uploads')
    expect(status).toBe(204)
    const extensions = headers.get('tus-extension')?.split(',') ?? []
    expect(extensions).toEqual(
      expect.arrayContaining([
        'creation',
        'creation-with-upload',
        'creation-defer-length',
        'expiration',
        'checksum',
        'termination',
        'concatenation',
      ]),
    )
    expect(headers.get('tus-max-size')).toBe(String(256 * 1024 * 1024))
  })

  test('a wrong offset is told the right one', async () => {
    const { create, patch } = server()
    const { url } = await create(10)
    await patch(url, 0, 'abc')
    const refused = await patch(url, 7, 'xyz')
    expect([refused.status, offset(refused)]).toEqual([409, '3'])
  })

  test('bytes with a wrong checksum count for nothing', async () => {
    const { create, patch, send, text } = server()
    const { url } = await create(5)
    const sum = (bytes: string) => ({ 'Upload-Checksum': `sha1 ${createHash('sha1').update(bytes).digest('base64')}` })
    expect((await patch(url, 0, 'hello', sum('other'))).status).toBe(460)
    expect(offset(await send('HEAD', url))).toBe('0')
    expect((await patch(url, 0, 'hello', sum('hello'))).status).toBe(204)
    expect(await text('a.bin')).toBe('hello')
  })

  test('more than the declared length is refused, and what was good stays', async () => {
    const { create, patch, send } = server()
    const { url } = await create(5)
    await patch(url, 0, 'abc')
    expect((await patch(url, 3, 'defgh')).status).toBe(413)
    expect(Number(offset(await send('HEAD', url)))).toBe(3)
  })

  test('partial uploads become one file', async () => {
    const { create, patch, send, text } = server({ policy: { accept: '.bin' } })
    const a = await create(3, '', { 'Upload-Concat': 'partial' })
    const b = await create(3, '', { 'Upload-Concat': 'partial' })
    await patch(a.url, 0, 'abc')
    await patch(b.url, 0, 'def')
    const final = await send('POST', '/uploads', {
      'Upload-Concat': `final;${a.url} ${b.url}`,
      'Upload-Metadata': `filename ${btoa('joined.bin')}`,
    })
    expect(final.status).toBe(201)
    expect(await text('joined.bin')).toBe('abcdef')
  })

  test('creation with upload, deferred length, termination, an empty file', async () => {
    const { send, patch, text, create } = server()
    const octets = { 'Content-Type': 'application/offset+octet-stream' }
    const whole = await create(3, 'w.bin')
    expect(whole.status).toBe(201)
    const with3 = await send(
      'POST',
      '/uploads',
      { 'Upload-Length': '3', 'Upload-Metadata': `filename ${btoa('c.bin')}`, ...octets },
      'abc',
    )
    expect([with3.status, offset(with3)]).toEqual([201, '3'])
    expect(await text('c.bin')).toBe('abc')
    const deferred = await send('POST', '/uploads', {
      'Upload-Defer-Length': '1',
      'Upload-Metadata': `filename ${btoa('d.bin')}`,
    })
    const url = deferred.headers.get('location') ?? ''
    await patch(url, 0, 'ab')
    await patch(url, 2, 'c', { 'Upload-Length': '3' })
    expect(await text('d.bin')).toBe('abc')
    expect((await send('DELETE', whole.url)).status).toBe(204)
    expect((await send('HEAD', whole.url)).status).toBe(404)
    await create(0, 'empty.bin')
    expect(await text('empty.bin')).toBe('')
  })

  test('policy and own validators judge it as they judge a form', async () => {
    const { create, patch, send } = server({
      policy: { accept: '.bin', maxFileSize: '2 KiB' },
      validate: file => {
        if (file.head[0] === 0x21) throw new UploadError('rejected', 'No shouting.')
      },
    })
    const wrong = await create(1, 'a.exe')
    expect([wrong.status, wrong.text]).toEqual([415, 'This file type is not allowed.'])
    expect((await create(3000)).status).toBe(413)
    const { url } = await create(3)
    const refused = await patch(url, 0, '!!!')
    expect([refused.status, refused.text]).toEqual([422, 'No shouting.'])
    expect((await send('HEAD', url)).status).toBe(404)
  })

  test('an upload belongs to its owner; for others it is not there', async () => {
    let visitor = 'a'
    const { create, send } = server({ authorize: () => visitor })
    const { url } = await create(3)
    visitor = 'b'
    expect((await send('HEAD', url)).status).toBe(404)
    visitor = 'a'
    expect((await send('HEAD', url)).status).toBe(200)
  })

  test('it expires, and says so', async () => {
    const { create, send, time, storage } = server({ expiry: 3600 })
    const { url, headers } = await create(3)
    expect(headers.get('upload-expires')).toBeTruthy()
    time.now += 3_601_000
    expect((await send('HEAD', url)).status).toBe(410)
    expect(storage).toBeDefined()
  })

  test('the newest request wins: HEAD behind a stalled PATCH has the right offset at once', async () => {
    const { uploads, create, send } = server()
    const { url } = await create(10)
    let more: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        more = controller
        controller.enqueue(new TextEncoder().encode('abc'))
      },
    })
    const stalled = uploads.handle(
      new Request(new URL(url, 'http://localhost'), {
        method: 'PATCH',
        headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
        body,
        duplex: 'half',
      } as RequestInit),
    )
    await new Promise(done => setTimeout(done, 50))
    const start = performance.now()
    expect(offset(await send('HEAD', url))).toBe('3')
    expect(performance.now() - start).toBeLessThan(250)
    more?.enqueue(new TextEncoder().encode('def'))
    const old = await stalled
    expect([old.status, await old.text()]).toEqual([400, 'The upload was continued from somewhere else.'])
    expect(offset(await send('HEAD', url))).toBe('3')
  })
})
