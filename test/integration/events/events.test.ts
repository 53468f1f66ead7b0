/** What the engine tells: the same few facts for each wire, and nothing that opens a door. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type DropgateOptions, dropgate, formatEvent, UploadError, type UploadEvent } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { nodeUploads, prepareServer, receiveFiles } from '../../../src/node.ts'
import { client, head, serve } from '../adapters/serving.ts'

function engine(options: Partial<DropgateOptions> = {}) {
  const events: UploadEvent[] = []
  const log: string[] = []
  const time = { now: 1_800_000_000_000 }
  const uploads = dropgate({
    storage: memoryStorage(),
    clock: { now: () => time.now },
    log: line => log.push(line),
    onEvent: event => void events.push(event),
    ...options,
  })
  const send = (method: string, url: string, headers: Record<string, string>, body?: BodyInit) =>
    uploads.handle(new Request(new URL(url, 'http://x'), { method, headers, ...(body !== undefined && { body }) }), {
      remoteAddress: '192.0.2.7',
    })
  const kinds = () => events.map(({ kind }) => kind)
  return { uploads, events, log, time, send, kinds }
}

function form(fields: Record<string, string>, ...files: [name: string, content: string][]): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields)) made.append(name, value)
  for (const [name, content] of files) made.append('file', new File([content], name))
  return made
}

const tus = { 'Tus-Resumable': '1.0.0' }
const appendTo = { ...tus, 'Content-Type': 'application/offset+octet-stream' }
const seen = { time: 1_800_000_000_000, remoteAddress: '192.0.2.7' }
const short = expect.stringMatching(/^[\w-]{8}$/)

describe('a kept file is told', () => {
  test('of a form', async () => {
    const { events, send } = engine()
    const answer = await send('POST', '/uploads', {}, form({}, ['a.txt', 'hello'], ['a.txt', 'you']))
    const { files } = (await answer.json()) as { files: { id: string }[] }
    const facts = { ...seen, protocol: 'form' }
    expect(events).toEqual([
      { kind: 'request-start', ...facts },
      { kind: 'upload-create', ...facts, upload: files[0]?.id.slice(0, 8), name: 'a.txt' },
      { kind: 'upload-create', ...facts, upload: files[1]?.id.slice(0, 8), name: 'a.txt' },
      { kind: 'upload-finish', ...facts, upload: files[0]?.id.slice(0, 8), name: 'a.txt', bytes: 5, duration: 0 },
      { kind: 'upload-finish', ...facts, upload: files[1]?.id.slice(0, 8), name: 'a (1).txt', bytes: 3, duration: 0 },
      { kind: 'request-end', ...facts, duration: 0 },
    ])
  })

  test('of a raw body, with its declared length', async () => {
    const { events, send } = engine()
    await send(
      'POST',
      '/uploads?name=a.bin',
      { 'Content-Type': 'application/octet-stream', 'Content-Length': '5' },
      'hello',
    )
    expect(events).toMatchObject([
      { kind: 'request-start', protocol: 'binary' },
      { kind: 'upload-create', protocol: 'binary', upload: short, name: 'a.bin', bytes: 5 },
      { kind: 'upload-finish', protocol: 'binary', upload: short, bytes: 5 },
      { kind: 'request-end' },
    ])
  })

  test('of chunks: begun with the first that comes, finished with the last', async () => {
    const { events, send, kinds } = engine()
    const chunk = (index: number, content: string) => {
      const fields = {
        dzuuid: '0f8e0000-0000-4000-8000-000000000001',
        dzchunkindex: String(index),
        dztotalfilesize: '8',
        dzchunksize: '5',
        dztotalchunkcount: '2',
        dzchunkbyteoffset: String(index * 5),
      }
      return send('POST', '/uploads', {}, form(fields, ['a.txt', content]))
    }
    await chunk(0, 'hello')
    expect(kinds()).toEqual(['request-start', 'upload-create', 'request-end'])
    await chunk(1, 'you')
    expect(kinds().slice(3)).toEqual(['request-start', 'upload-finish', 'request-end'])
    expect(
      events.filter(({ kind }) => kind !== 'request-start').map(event => 'protocol' in event && event.protocol),
    ).toEqual(['chunks', 'chunks', 'chunks', 'chunks'])
    // Sent again after it was finished: nothing new.
    await chunk(1, 'you')
    expect(kinds().slice(6)).toEqual(['request-start', 'request-end'])
  })

  test('of tus and of the IETF protocol', async () => {
    const { events, send, kinds } = engine()
    const created = await send('POST', '/uploads', {
      ...tus,
      'Upload-Length': '8',
      'Upload-Metadata': `filename ${btoa('a.txt')}`,
    })
    const url = created.headers.get('location') ?? ''
    await send('PATCH', url, { ...appendTo, 'Upload-Offset': '0' }, 'hello')
    await send('PATCH', url, { ...appendTo, 'Upload-Offset': '5' }, 'you')
    expect(kinds()).toEqual([
      ...['request-start', 'upload-create', 'request-end'],
      ...['request-start', 'request-end'],
      ...['request-start', 'upload-finish', 'request-end'],
    ])
    expect(events[1]).toEqual({
      kind: 'upload-create',
      ...seen,
      protocol: 'tus',
      upload: short,
      name: 'a.txt',
      bytes: 8,
    })
    expect(events[6]).toMatchObject({ kind: 'upload-finish', protocol: 'tus', name: 'a.txt', bytes: 8 })
    events.length = 0
    await send('POST', '/uploads?name=b.txt', { 'Upload-Complete': '?1', 'Content-Type': 'text/plain' }, 'hello')
    expect(kinds()).toEqual(['request-start', 'upload-create', 'upload-finish', 'request-end'])
    expect(events[2]).toMatchObject({ protocol: 'ietf', name: 'b.txt', bytes: 5 })
  })

  test('of files() one by one, also where a later one is refused; of receive() all or none', async () => {
    const { uploads, kinds, events } = engine()
    const request = () =>
      new Request('http://x/', { method: 'POST', body: form({}, ['a.txt', '1'], ['b.txt', '2'], ['c.txt', '3']) })
    const loop = async () => {
      for await (const file of uploads.files(request())) {
        if (file.name === 'b.txt') throw new UploadError('rejected')
        await file.save()
      }
    }
    await expect(loop()).rejects.toThrow()
    await delay(20)
    // The app's own refusal is the app's own news.
    expect(kinds()).toEqual(['request-start', 'upload-create', 'upload-finish', 'request-end'])
    events.length = 0
    await uploads.receive(request())
    expect(kinds().filter(kind => kind === 'upload-finish')).toHaveLength(3)
  })

  test('of a stream nothing is told but the request', async () => {
    const { uploads, kinds } = engine()
    const request = new Request('http://x/', { method: 'POST', body: form({}, ['a.txt', 'hello']) })
    for await (const file of uploads.files(request)) for await (const _ of file.stream());
    expect(kinds()).toEqual(['request-start', 'request-end'])
  })
})

describe('a refusal is told once', () => {
  test('with code, status, sentence and file', async () => {
    const { events, send } = engine({ policy: { accept: '.png' } })
    const answer = await send('POST', '/uploads', {}, form({}, ['a\u202e.exe', 'hello']))
    expect(events[1]).toEqual({
      kind: 'upload-reject',
      ...seen,
      protocol: 'form',
      code: 'type-not-allowed',
      status: 415,
      message: await answer.text(),
      name: 'a.exe',
      duration: 0,
    })
    expect(events.map(({ kind }) => kind)).toEqual(['request-start', 'upload-reject', 'request-end'])
  })

  test('and no file of the same request is told as finished, nor one that a hook sends back', async () => {
    for (const options of [
      { policy: { maxFileSize: 10 * 1024 } },
      {
        onUploadFinish: (file: { name: string }) =>
          file.name === 'b.txt' ? Promise.reject(new Error('no')) : undefined,
      },
    ] as Partial<DropgateOptions>[]) {
      const { kinds, send } = engine(options)
      await send('POST', '/uploads', {}, form({}, ['a.txt', 'hello'], ['b.txt', 'x'.repeat(20_000)]))
      expect(kinds()).not.toContain('upload-finish')
      expect(kinds().filter(kind => kind === 'upload-reject')).toHaveLength(1)
      expect(kinds().at(-1)).toBe('request-end')
    }
  })

  test('of tus and of receive() as well', async () => {
    const { uploads, events, send } = engine({ policy: { accept: '.png' } })
    await send('POST', '/uploads', { ...tus, 'Upload-Length': '8', 'Upload-Metadata': `filename ${btoa('a.txt')}` })
    await send('PATCH', `/uploads/${'0'.repeat(32)}`, { ...appendTo, 'Upload-Offset': '0' }, 'hello')
    const request = new Request('http://x/', { method: 'POST', body: form({}, ['a.txt', 'hello']) })
    await expect(uploads.receive(request)).rejects.toThrow()
    expect(events.filter(({ kind }) => kind === 'upload-reject')).toMatchObject([
      { protocol: 'tus', code: 'type-not-allowed' },
      { protocol: 'tus', code: 'not-found', status: 404 },
      { protocol: 'form', code: 'type-not-allowed', name: 'a.txt' },
    ])
  })

  test('of files() with the sentence that the answer has', async () => {
    const { uploads, events } = engine({ policy: { accept: '.png' } })
    const port = await serve(
      createServer(
        receiveFiles(uploads, async files => {
          for await (const file of files) await file.save()
        }),
      ),
    )
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: form({}, ['a.txt', 'hello']) })
    expect(events.filter(({ kind }) => kind === 'upload-reject')).toMatchObject([
      { message: await answer.text(), remoteAddress: '127.0.0.1' },
    ])
  })

  test('but a wrong address or method is no news of uploads', async () => {
    const { events, send } = engine()
    for (const [method, path] of [
      ['GET', '/uploads'],
      ['GET', '/elsewhere'],
      ['GET', `/uploads/${'0'.repeat(32)}`],
      ['OPTIONS', '/uploads'],
    ] as const) {
      await send(method, path, {})
    }
    expect(events).toEqual([])
  })

  test('a sender that is too slow is a stall and a refusal; one that vanishes is cut off', async () => {
    const { uploads, events } = engine()
    const handler = nodeUploads(uploads, { rateWindowMs: 200, lingerMs: 50 })
    const port = await serve(prepareServer(createServer(handler)))
    const slow = await client(port)
    await slow.write(head('POST', '/uploads?name=a', 'Content-Type: application/octet-stream', 'Content-Length: 1000'))
    await expect
      .poll(() => events.map(({ kind }) => kind), { timeout: 5_000 })
      .toEqual(['request-start', 'upload-create', 'upload-stall', 'upload-reject', 'request-end'])
    expect(events[3]).toMatchObject({ code: 'too-slow', status: 408 })
    events.length = 0
    const gone = await client(port)
    await gone.write(
      `${head('POST', '/uploads?name=b', 'Content-Type: application/octet-stream', 'Content-Length: 1000')}abc`,
    )
    await delay(50)
    gone.socket.destroy()
    await expect
      .poll(() => events.find(({ kind }) => kind === 'upload-reject'), { timeout: 5_000 })
      .toMatchObject({ code: 'aborted' })
  })
})

test('a sweep that finds something is told', async () => {
  const { events, send, time } = engine({ expiry: 60 })
  await send('POST', '/uploads', { ...tus, 'Upload-Length': '8' })
  time.now += 2 * 60 * 60 * 1000
  await send('OPTIONS', '/uploads', tus)
  await send('POST', '/uploads', {}, form({}, ['a.txt', '1']))
  time.now += 2 * 60 * 60 * 1000
  await send('POST', '/uploads', {}, form({}, ['a.txt', '1']))
  await expect
    .poll(() => events.filter(({ kind }) => kind === 'sweep'))
    .toEqual([{ kind: 'sweep', time: expect.any(Number), removed: 1 }])
})

describe('listeners', () => {
  test.each([
    [
      'throws',
      () => {
        throw new Error('mine\nsecond line')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('mine\nsecond line')
      },
    ],
  ])('one that %s breaks no upload and is a line in the log', async (_, onEvent) => {
    const { log, send } = engine({ onEvent })
    expect((await send('POST', '/uploads', {}, form({}, ['a.txt', 'hello']))).status).toBe(201)
    await delay(1)
    expect(log[0]).toBe('onEvent failed: Error: mine\\u000asecond line')
  })

  test('hear by diagnostics_channel as well, each kind on its own channel', async () => {
    const heard: unknown[] = []
    const listen = (event: unknown) => void heard.push(event)
    subscribe('dropgate:upload-finish', listen)
    onTestFinished(() => void unsubscribe('dropgate:upload-finish', listen))
    const uploads = dropgate({ storage: memoryStorage() })
    await uploads.handle(new Request('http://x/uploads', { method: 'POST', body: form({}, ['a.txt', 'hello']) }))
    expect(heard).toMatchObject([{ kind: 'upload-finish', name: 'a.txt', bytes: 5 }])
  })

  test('where nobody listens, nothing is looked at', async () => {
    let asked = 0
    const clock = { now: () => asked++, steady: () => 0 }
    const finished: unknown[] = []
    const uploads = dropgate({ storage: memoryStorage(), clock, onUploadFinish: file => void finished.push(file) })
    await uploads.handle(new Request('http://x/uploads', { method: 'POST', body: form({}, ['a.txt', 'hello']) }))
    expect([finished.length, asked]).toEqual([1, 0])
  })

  test('are told no token, no cookie and no whole id', async () => {
    const { uploads, events, send } = engine({ csrf: { secret: 'a secret of at least 16 letters' } })
    const page = await uploads.page(new Request('http://x/'))
    const token = page.csrfToken()
    const cookie = page.headers.find(([name]) => /set-cookie/i.test(name))?.[1].split(';', 1)[0] ?? ''
    const headers = { 'X-CSRFToken': token, Cookie: cookie, Origin: 'http://x' }
    const answer = await send('POST', '/uploads', headers, form({ csrf_token: token }, ['a.txt', 'hello']))
    expect(answer.status).toBe(201)
    const { files } = (await answer.json()) as { files: { id: string }[] }
    const created = await send('POST', '/uploads', {
      ...tus,
      ...headers,
      'Upload-Length': '8',
      'Upload-Metadata': `filename ${btoa('a.txt')}`,
    })
    const url = created.headers.get('location') ?? ''
    await send('PATCH', url, { ...appendTo, ...headers, 'Upload-Offset': '3' }, 'hello')
    await send('POST', '/uploads', { ...headers, 'X-CSRFToken': `${token}x` }, form({}, ['a.txt', 'hello']))
    expect(events.length).toBeGreaterThan(8)
    const lines = events.flatMap(event => [formatEvent(event), formatEvent(event, 'json')]).join('\n')
    for (const secret of [token, cookie.split('=')[1], files[0]?.id, url.split('/').at(-1)]) {
      expect(secret?.length).toBeGreaterThan(20)
      expect(lines).not.toContain(secret)
    }
  })
})

describe('an event as a line', () => {
  const event: UploadEvent = {
    kind: 'upload-reject',
    time: 0,
    protocol: 'form',
    remoteAddress: '192.0.2.7\r\nGET /',
    code: 'type-not-allowed',
    status: 415,
    message: 'a\nb',
    name: 'a\nb\r\u001b[2J\u0085\u202e\u2028.txt',
    duration: 12,
  }

  test('stays one line, whatever its strings hold', () => {
    const pretty = formatEvent(event)
    expect(pretty).toBe(
      '1970-01-01T00:00:00.000Z upload-reject 415 type-not-allowed a\\u000ab\\u000d\\u001b[2J\\u0085\\u202e\\u2028.txt in 12 ms by form from 192.0.2.7\\u000d\\u000aGET /',
    )
    const json = formatEvent(event, 'json')
    expect(json).toMatch(/^[\x20-\x7e]+$/)
    expect(JSON.parse(json)).toEqual(event)
  })

  test('says what there is to say of each kind', () => {
    const facts = { time: 0, protocol: 'tus' } as const
    const at = '1970-01-01T00:00:00.000Z'
    const file = { upload: '0123abcd', name: 'a.txt' }
    expect(formatEvent({ kind: 'request-start', ...facts })).toBe(`${at} request-start by tus`)
    expect(formatEvent({ kind: 'request-end', ...facts, duration: 3 })).toBe(`${at} request-end in 3 ms by tus`)
    expect(formatEvent({ kind: 'upload-stall', ...facts, duration: 3 })).toBe(`${at} upload-stall in 3 ms by tus`)
    expect(formatEvent({ kind: 'upload-create', ...facts, ...file })).toBe(`${at} upload-create 0123abcd a.txt by tus`)
    expect(formatEvent({ kind: 'upload-finish', ...facts, ...file, bytes: 2048, duration: 3 })).toBe(
      `${at} upload-finish 0123abcd a.txt (2 KiB) in 3 ms by tus`,
    )
    expect(formatEvent({ kind: 'sweep', time: 0, removed: 2 })).toBe(`${at} sweep 2 unfinished uploads removed`)
  })
})
