/** `uploads.download()`: what goes out, over Fetch, node:http and Express, from memory and from a disk. */
import { createServer } from 'node:http'
import express from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { diskStorage } from '../../../src/disk.ts'
import { sendDownload as sendFromExpress } from '../../../src/express.ts'
import { dropgate, type ReadableFile, type Storage } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { sendDownload } from '../../../src/node.ts'
import { store, tempFolder } from '../../unit/storages/temp-folder.ts'
import { serve } from '../adapters/serving.ts'

const bytes = new Uint8Array(700_001).map((_, at) => (at * 7919) >> 3)
const named = (url: string) => decodeURIComponent((url.split('?', 1)[0] as string).slice(1))

type Fetch = (name: string, init?: RequestInit) => Promise<Response>

async function overFetch(storage: Storage): Promise<Fetch> {
  const uploads = dropgate({ storage })
  return (name, init) => uploads.download(new Request('http://localhost/', init), name)
}

async function overNode(storage: Storage): Promise<Fetch> {
  const uploads = dropgate({ storage })
  const port = await serve(createServer((req, res) => void sendDownload(uploads, req, res, named(req.url ?? ''))))
  return (name, init) => fetch(`http://127.0.0.1:${port}/${encodeURIComponent(name)}`, init)
}

async function overExpress(storage: Storage, make: () => express.Express): Promise<Fetch> {
  const uploads = dropgate({ storage })
  const app = make()
  app.all('/files/:name', (req, res) => void sendFromExpress(uploads, req, res, req.params.name as string))
  const port = await serve(createServer(app))
  return (name, init) => fetch(`http://127.0.0.1:${port}/files/${encodeURIComponent(name)}`, init)
}

const ways: [string, () => Promise<[Storage, Fetch]>][] = [
  ['Fetch, from memory', () => withStorage(memoryStorage(), overFetch)],
  ['node:http, from a disk', async () => withStorage(diskStorage(await tempFolder()), overNode)],
  ['Express 5, from a disk', async () => withStorage(diskStorage(await tempFolder()), of => overExpress(of, express))],
  ['Express 4, from memory', () => withStorage(memoryStorage(), of => overExpress(of, express4 as typeof express))],
]

async function withStorage(storage: Storage, over: (storage: Storage) => Promise<Fetch>): Promise<[Storage, Fetch]> {
  return [storage, await over(storage)]
}

const shown = (answer: Response, ...names: string[]) => names.map(name => answer.headers.get(name))

describe.each(ways)('%s', (_, open) => {
  test('a file goes out whole, as an attachment that cannot run', async () => {
    const [storage, get] = await open()
    await store(storage, 'Übung 100% "1" 😀.html', bytes)
    const answer = await get('Übung 100% "1" 😀.html')
    expect(answer.status).toBe(200)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-disposition': `attachment; filename="_bung 100_ _1_ _.html"; filename*=UTF-8''%C3%9Cbung%20100%25%20%221%22%20%F0%9F%98%80.html`,
      'content-length': '700001',
      'content-security-policy': "sandbox; default-src 'none'",
      'content-type': 'application/octet-stream',
      'cross-origin-resource-policy': 'same-origin',
      etag: expect.stringMatching(/^"[!#-~]+"$/),
      'last-modified': expect.stringMatching(/ GMT$/),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  })

  test('HEAD says the same without a body', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    const whole = await get('a.txt')
    const head = await get('a.txt', { method: 'HEAD', headers: { Range: 'bytes=0-0' } })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const names = ['content-length', 'content-type', 'content-disposition', 'etag', 'last-modified', 'accept-ranges']
    expect(shown(head, ...names)).toEqual(shown(whole, ...names))
    await whole.body?.cancel()
  })

  test('a part goes out as 206', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=262143-262144', 262_143, 262_145],
      ['bytes=699999-', 699_999, 700_001],
      ['bytes=-5', 699_996, 700_001],
      ['bytes=1-999999999', 1, 700_001],
    ] as const) {
      const answer = await get('a.txt', { headers: { Range: range } })
      expect([answer.status, ...shown(answer, 'content-range', 'content-length', 'content-type')], range).toEqual([
        206,
        `bytes ${start}-${end - 1}/700001`,
        String(end - start),
        'text/plain; charset=utf-8',
      ])
      expect(new Uint8Array(await answer.arrayBuffer()), range).toEqual(bytes.subarray(start, end))
    }
  })

  test('a part that is not there is 416 in words, and says the length', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    const answer = await get('a.txt', { headers: { Range: 'bytes=700001-' } })
    expect([answer.status, await answer.text()]).toEqual([416, 'The file has no such part.'])
    expect(shown(answer, 'content-range', 'content-type')).toEqual(['bytes */700001', 'text/plain; charset=utf-8'])
  })

  test('several parts at once get the whole file', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    const answer = await get('a.txt', { headers: { Range: 'bytes=0-0,5-6' } })
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, bytes.byteLength])
  })

  test('a file that has not changed is 304, one that has is sent', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    const first = await get('a.txt', { method: 'HEAD' })
    const [etag, date] = shown(first, 'etag', 'last-modified') as [string, string]
    for (const headers of [{ 'If-None-Match': etag }, { 'If-Modified-Since': date }] as Record<string, string>[]) {
      const answer = await get('a.txt', { headers })
      expect([answer.status, await answer.text(), ...shown(answer, 'etag', 'content-type')]).toEqual([
        304,
        '',
        etag,
        null,
      ])
    }
    await storage.delete?.('a.txt')
    await store(storage, 'a.txt', bytes)
    const again = await get('a.txt', { headers: { 'If-None-Match': etag } })
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([200, bytes.byteLength])
    expect(again.headers.get('etag')).not.toBe(etag)
    const rest = await get('a.txt', { headers: { Range: 'bytes=5-', 'If-Range': etag } })
    expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([200, bytes.byteLength])
    const gone = await get('a.txt', { headers: { 'If-Match': etag } })
    expect([gone.status, await gone.text()]).toEqual([412, 'The file is not the one that was asked for.'])
  })

  test('an empty file goes out, too', async () => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', new Uint8Array())
    const answer = await get('a.txt')
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '0', ''])
    expect((await get('a.txt', { headers: { Range: 'bytes=0-' } })).status).toBe(416)
  })

  test.each(['gone.txt', '.dropgate', '..', '../a.txt', '/etc/passwd', 'a\0.txt', '', 'x'.repeat(5000)])(
    'what is not there is 404 in words: %j',
    async name => {
      const [storage, get] = await open()
      await store(storage, 'a.txt', bytes)
      // An empty name is another route.
      if (name === '' && open !== ways[0]?.[1]) return
      const answer = await get(name)
      expect(answer.status).toBe(404)
      if (name !== '..') expect(await answer.text()).toBe('Not found.')
    },
  )

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async method => {
    const [storage, get] = await open()
    await store(storage, 'a.txt', bytes)
    const answer = await get('a.txt', { method })
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([
      405,
      'GET, HEAD',
      'This method is not allowed here.',
    ])
  })
})

describe('showing instead of saving', () => {
  test.each([
    ['a.png', 'inline', 'image/png'],
    ['a.JPG', 'inline', 'image/jpeg'],
    ['a.mp4', 'inline', 'video/mp4'],
    ['a.mp3', 'inline', 'audio/mpeg'],
    ['a.txt', 'inline', 'text/plain; charset=utf-8'],
    ['a.png.html', 'attachment', 'application/octet-stream'],
    ...[
      'svg',
      'svgz',
      'html',
      'htm',
      'xhtml',
      'xml',
      'pdf',
      'js',
      'mjs',
      'css',
      'json',
      'swf',
      'wasm',
      'mht',
      'xsl',
    ].map(extension => [`a.${extension}`, 'attachment', 'application/octet-stream']),
    ['a', 'attachment', 'application/octet-stream'],
    ['constructor', 'attachment', 'application/octet-stream'],
  ])('%s is %s', async (name, disposition, type) => {
    const storage = memoryStorage()
    await store(storage, name as string, bytes)
    const answer = await dropgate({ storage }).download(new Request('http://x/'), name as string, { inline: true })
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('content-disposition')).toMatch(new RegExp(`^${disposition};`))
    await answer.body?.cancel()
  })

  test('another name can be offered; it decides over nothing else', async () => {
    const storage = memoryStorage()
    await store(storage, 'a.html', bytes)
    const options = { inline: true, filename: 'b.png' }
    const answer = await dropgate({ storage }).download(new Request('http://x/'), 'a.html', options)
    expect(shown(answer, 'content-disposition', 'content-type')).toEqual([
      `attachment; filename="b.png"; filename*=UTF-8''b.png`,
      'application/octet-stream',
    ])
  })
})

describe('storages that can do less', () => {
  const plain = (more: Partial<Storage>): Storage => {
    const { create, append, commit, remove, stat } = memoryStorage()
    return { create, append, commit, remove, stat, ...more }
  }
  const file = (): ReadableFile => ({ name: 'a.txt', size: 3, modified: 5000, body: new Blob(['abc']).stream() })
  const get = (storage: Storage, headers: Record<string, string>, log: string[] = []) =>
    dropgate({ storage, log: line => log.push(line) }).download(new Request('http://x/', { headers }), 'a.txt')

  test('without parts and tags a file goes out whole, and no range is offered', async () => {
    const storage = plain({ read: async () => file() })
    for (const headers of [{}, { Range: 'bytes=1-' }, { Range: 'bytes=9-' }] as Record<string, string>[]) {
      const answer = await get(storage, headers)
      expect([answer.status, await answer.text(), ...shown(answer, 'accept-ranges', 'etag')]).toEqual([
        200,
        'abc',
        null,
        null,
      ])
      expect(answer.headers.get('last-modified')).toBe('Thu, 01 Jan 1970 00:00:05 GMT')
    }
  })

  test('a date before 1970 or in the future is not told', async () => {
    for (const modified of [-5000, Date.now() + 1e9]) {
      const answer = await get(plain({ read: async () => ({ ...file(), modified }) }), {})
      expect(Date.parse(answer.headers.get('last-modified') ?? '')).toBeLessThanOrEqual(Date.now())
    }
  })

  test('a storage that cannot read is our mistake: neutral words for the reader, the reason for the log', async () => {
    const log: string[] = []
    const answer = await get(plain({}), {}, log)
    expect([answer.status, await answer.text()]).toEqual([500, 'Something went wrong on the server.'])
    expect(log.join()).toContain('the storage cannot read files')
  })

  test('what a storage throws never reaches the reader', async () => {
    const log: string[] = []
    const read = async () => {
      throw new Error("EACCES: open '/srv/secret'")
    }
    const answer = await get(plain({ read }), {}, log)
    expect([answer.status, await answer.text()]).toEqual([500, 'Something went wrong on the server.'])
    expect(log.join()).toContain('/srv/secret')
  })

  test('a body that nobody reads is let go', async () => {
    let cancelled = 0
    const body = () => new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ }, { highWaterMark: 0 })
    const read = async () => ({ ...file(), tag: 't', body: body(), slice: body })
    for (const headers of [
      { 'If-None-Match': '"t"' },
      { 'If-Match': '"u"' },
      { Range: 'bytes=1-1' },
      { Range: 'bytes=9-' },
    ] as Record<string, string>[]) {
      cancelled = 0
      await get(plain({ read }), headers)
      expect(cancelled, JSON.stringify(headers)).toBe(1)
    }
  })
})
