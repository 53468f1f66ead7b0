/** What is in a file decides on every wire, and before anything of it is stored. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate, type Storage } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { contentOf } from '../../support/contents.ts'
import { named, type RealServer, realServer, type StorageKind, tusChecksum } from '../resumable/real-server.ts'

const mismatch = "The file's content does not match its type."
const refusal = { status: 415, text: mismatch }
const images = { policy: { accept: 'image/*' } } satisfies Partial<DropgateOptions>
const png = contentOf('png', Buffer.alloc(20_000, 7))
const page = Buffer.from(`<!doctype html><script>alert(1)</script>${' '.repeat(20_000)}`)

let server: RealServer
afterEach(() => server?.close())
const start = async (kind: StorageKind, options: Partial<DropgateOptions> = images) => {
  server = await realServer(kind, options)
  return server
}

function nothingLeft(): void {
  if (server.folder) expect(readdirSync(join(server.folder, '.dropgate'))).toEqual([])
}

const form = (name: string, bytes: Uint8Array, fields: Record<string, string> = {}) => {
  const body = new FormData()
  for (const [field, value] of Object.entries(fields)) body.append(field, value)
  body.append('file', new File([bytes as BlobPart], name))
  return fetch(`${server.origin}/uploads`, { method: 'POST', body })
}

const tus = { 'Tus-Resumable': '1.0.0' }
const octets = { 'Content-Type': 'application/offset+octet-stream' }
const begin = async (length: number, name: string, headers = {}) => {
  const answer = await server.send('POST', '/uploads', {
    headers: { ...tus, 'Upload-Length': length, ...named(name), ...headers },
  })
  return answer.headers.get('location') ?? ''
}
const patch = (url: string, offset: number, body: Uint8Array, headers = {}) =>
  server.send('PATCH', url, { headers: { ...tus, ...octets, 'Upload-Offset': offset, ...headers }, body })

/** Sends a file in Dropzone's chunks, in the order given; the answers. */
async function sendChunks(name: string, bytes: Uint8Array, size: number, order: readonly number[]) {
  const count = Math.ceil(bytes.length / size)
  const answers: { status: number; text: string }[] = []
  for (const index of order) {
    const answer = await form(name, bytes.subarray(index * size, (index + 1) * size), {
      dzuuid: `0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e1${name.charCodeAt(0) - 97}`,
      dzchunkindex: String(index),
      dztotalfilesize: String(bytes.length),
      dzchunksize: String(size),
      dztotalchunkcount: String(count),
      dzchunkbyteoffset: String(index * size),
    })
    answers.push({ status: answer.status, text: await answer.text() })
  }
  return answers
}

describe.each<StorageKind>(['memory', 'disk'])('on %s', kind => {
  test('a form', async () => {
    const { names } = await start(kind)
    expect((await form('a.png', png)).status).toBe(201)
    const answer = await form('b.png', page)
    expect({ status: answer.status, text: await answer.text() }).toEqual(refusal)
    expect((await form('tiny.png', Buffer.from('x'))).status).toBe(415)
    expect((await form('empty.png', Buffer.alloc(0))).status).toBe(201)
    expect((await form('a.svg', Buffer.from('<svg/>'))).status).toBe(415)
    expect([...(await names())].sort()).toEqual(['a.png', 'empty.png'])
    nothingLeft()
  })

  test('one false file of several: none is kept', async () => {
    const { names } = await start(kind)
    const body = new FormData()
    for (const [name, bytes] of [
      ['a.png', png],
      ['b.png', page],
    ] as const)
      body.append('file', new File([bytes as BlobPart], name))
    expect((await fetch(`${server.origin}/uploads`, { method: 'POST', body })).status).toBe(415)
    expect(await names()).toEqual([])
    nothingLeft()
  })

  test('a raw body', async () => {
    const { send, names } = await start(kind)
    const put = (name: string, type: string, body: Uint8Array) =>
      send('POST', `/uploads?name=${name}`, { headers: { 'Content-Type': type }, body })
    expect((await put('a.png', 'image/png', png)).status).toBe(201)
    expect(await put('b.png', 'image/png', page)).toMatchObject(refusal)
    expect(await put('c.png', 'image/jpeg', png)).toMatchObject(refusal)
    expect(await names()).toEqual(['a.png'])
    nothingLeft()
  })

  test('tus: in one piece, and in pieces too small to tell', async () => {
    const { send, names } = await start(kind)
    const whole = await begin(png.length, 'a.png')
    expect((await patch(whole, 0, png)).status).toBe(204)
    const url = await begin(page.length, 'b.png')
    expect((await patch(url, 0, page.subarray(0, 3000))).status).toBe(204)
    expect(await patch(url, 3000, page.subarray(3000, 6000))).toMatchObject(refusal)
    expect((await send('HEAD', url, { headers: tus })).status).toBe(404)
    const short = await begin(9, 'c.png')
    expect((await patch(short, 0, page.subarray(0, 4))).status).toBe(204)
    expect(await patch(short, 4, page.subarray(4, 9))).toMatchObject(refusal)
    expect(await names()).toEqual(['a.png'])
    expect((await send('HEAD', short, { headers: tus })).status).toBe(404)
  })

  test('tus: with a checksum, by creation, and put together of partial uploads', async () => {
    const { names, send } = await start(kind)
    const url = await begin(page.length, 'a.png')
    const checked = await patch(url, 0, page, { 'Upload-Checksum': tusChecksum('sha1', page) })
    expect(checked).toMatchObject(refusal)
    const created = await send('POST', '/uploads', {
      headers: { ...tus, ...octets, ...named('b.png'), 'Upload-Length': page.length },
      body: page,
    })
    expect(created).toMatchObject(refusal)
    const parts: string[] = []
    for (const piece of [page.subarray(0, 5000), page.subarray(5000)]) {
      const part = await begin(piece.length, '', { 'Upload-Concat': 'partial' })
      expect((await patch(part, 0, piece)).status).toBe(204)
      parts.push(part)
    }
    const joined = await send('POST', '/uploads', {
      headers: { ...tus, ...named('c.png'), 'Upload-Concat': `final;${parts.join(' ')}` },
    })
    expect(joined).toMatchObject(refusal)
    expect(await names()).toEqual([])
  })

  test('the IETF protocol, where the length is known at the end only', async () => {
    const { send, names } = await start(kind)
    const create = (body: Uint8Array, complete: boolean) =>
      send('POST', '/uploads', {
        headers: {
          'Upload-Complete': complete ? '?1' : '?0',
          'Upload-Draft-Interop-Version': 8,
          'Content-Type': 'application/partial-upload',
          'Content-Disposition': 'attachment; filename="a.png"',
        },
        body,
      })
    expect((await create(page, true)).status).toBe(415)
    const begun = await create(Buffer.from('<html>'), false)
    const url = begun.headers.get('location') ?? ''
    expect(url).not.toBe('')
    const headers = {
      'Upload-Draft-Interop-Version': 8,
      'Content-Type': 'application/partial-upload',
      'Upload-Offset': 6,
      'Upload-Complete': '?1',
    }
    expect((await send('PATCH', url, { headers, body: Buffer.from('</html>') })).status).toBe(415)
    expect(await names()).toEqual([])
  })

  test('chunks, in order and from the end, also smaller than what is looked at', async () => {
    const { names } = await start(kind)
    const statuses = async (...given: Parameters<typeof sendChunks>) =>
      (await sendChunks(...given)).map(({ status }) => status)
    expect((await statuses('a.png', png, 8000, [2, 1, 0])).at(-1)).toBe(201)
    expect((await sendChunks('b.png', page, 8000, [0]))[0]).toEqual(refusal)
    expect((await sendChunks('b.png', page, 8000, [2, 1, 0])).at(-1)).toEqual(refusal)
    const tiny = page.subarray(0, 2500)
    expect((await sendChunks('c.png', tiny, 1000, [0, 1, 2])).at(-1)).toEqual(refusal)
    const small = png.subarray(0, 2500)
    expect((await sendChunks('d.png', small, 1000, [0, 1, 2])).at(-1)).toMatchObject({ status: 201 })
    expect([...(await names())].sort()).toEqual(['a.png', 'd.png'])
  })
})

describe('before the storage hears of it', () => {
  function watched() {
    const calls: string[] = []
    const inner = memoryStorage()
    const storage: Storage = {
      ...inner,
      create: async upload => {
        calls.push('create')
        await inner.create(upload)
      },
      append: async (...given) => {
        calls.push('append')
        await inner.append(...given)
      },
    }
    return { storage, calls }
  }
  const send = async (options: Partial<DropgateOptions>, bytes: Uint8Array) => {
    const { storage, calls } = watched()
    const body = new FormData()
    body.append('file', new File([bytes as BlobPart], 'a.png'))
    const answer = await dropgate({ ...options, storage }).handle(
      new Request('http://localhost/uploads', { method: 'POST', body }),
    )
    return [answer.status, ...calls]
  }

  test('nothing is created for a file that is refused, and once for one that is not', async () => {
    expect(await send(images, page)).toEqual([415])
    expect(await send(images, png)).toEqual([201, 'create', 'append'])
    expect(await send({ policy: { content: 'match' } }, page)).toEqual([415])
  })

  test('where nobody looks, everything is kept', async () => {
    expect(await send({}, page)).toEqual([201, 'create', 'append'])
    expect(await send({ policy: { accept: 'image/*', content: 'declared' } }, page)).toEqual([201, 'create', 'append'])
  })

  test('the policy speaks before the own check', async () => {
    const seen: string[] = []
    const validate = (file: { name: string }) => void seen.push(file.name)
    expect(await send({ ...images, validate }, page)).toEqual([415])
    expect(await send({ ...images, validate }, png)).toEqual([201, 'create', 'append'])
    expect(seen).toEqual(['a.png'])
  })
})
