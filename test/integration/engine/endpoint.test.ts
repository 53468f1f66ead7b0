import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate, UploadError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { contentOf } from '../../support/contents.ts'

function engine(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  return { storage, uploads: dropgate({ storage, ...options }) }
}

function post(form: FormData, headers: Record<string, string> = {}): Request {
  return new Request('http://localhost/uploads', { method: 'POST', body: form, headers })
}

function formOf(...files: [field: string, name: string, body: string | Uint8Array][]): FormData {
  const form = new FormData()
  for (const [field, name, body] of files) form.append(field, new File([body as BlobPart], name))
  return form
}

async function text(storage: ReturnType<typeof memoryStorage>, name: string): Promise<string | undefined> {
  const file = await storage.read?.(name)
  return file && new Response(file.body).text()
}

async function names(storage: ReturnType<typeof memoryStorage>): Promise<string[]> {
  return ((await storage.list?.()) ?? []).map(file => file.name).sort()
}

describe('the endpoint', () => {
  test('keeps the files of a form and answers with their names and sizes', async () => {
    const { uploads, storage } = engine()
    const response = await uploads.handle(post(formOf(['file[0]', 'ä 😀.txt', 'one'], ['file[1]', 'b.txt', ''])))
    expect(response.status).toBe(201)
    const body = (await response.json()) as { files: { name: string; size: number; id: string }[] }
    expect(body.files).toMatchObject([
      { name: 'ä 😀.txt', size: 3 },
      { name: 'b.txt', size: 0 },
    ])
    expect(body.files[0]?.id).toMatch(/^[0-9a-f]{32}$/)
    expect(await text(storage, 'ä 😀.txt')).toBe('one')
  })

  test('weak spot 11: never overwrites: the second of one name gets a number', async () => {
    const { uploads, storage } = engine()
    await uploads.handle(post(formOf(['file', 'a.txt', '1'], ['file', 'a.txt', '2'])))
    expect(await names(storage)).toEqual(['a (1).txt', 'a.txt'])
    expect(await text(storage, 'a (1).txt')).toBe('2')
  })

  test('weak spot 11: any field may hold files, not only those that begin with "file"; none is a refusal', async () => {
    const { uploads, storage } = engine()
    await uploads.handle(post(formOf(['photo', 'a.txt', '1'], ['fileX', 'b.txt', '2'], ['file[7]', 'c.txt', '3'])))
    expect(await names(storage)).toEqual(['a.txt', 'b.txt', 'c.txt'])
    const empty = new FormData()
    empty.append('file', 'only text')
    const refused = await uploads.handle(post(empty))
    expect([refused.status, await refused.text()]).toEqual([400, 'No file was uploaded.'])
  })

  test.each([
    ['README', 415],
    ['a.b.png', 201],
    ['x.png.exe', 415],
    ['PHOTO.PNG', 201],
    ['../../x.png', 201],
    ['.png', 415],
  ])('weak spot 11, trap 8: where .png is asked for, %s is %i', async (name, status) => {
    const { uploads } = engine({ policy: { accept: ['.png'] } })
    expect((await uploads.handle(post(formOf(['file', name, contentOf('png')])))).status).toBe(status)
  })

  test('keeps none of several files when one is refused, and names it to onUploadReject', async () => {
    const rejected: string[] = []
    const { uploads, storage } = engine({
      policy: { accept: ['.txt'] },
      onUploadReject: error => void rejected.push(`${error.code} ${error.file?.name}`),
    })
    const response = await uploads.handle(post(formOf(['f', 'a.txt', 'good'], ['f', 'b.exe', 'bad'])))
    expect(response.status).toBe(415)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe('This file type is not allowed.')
    expect(await names(storage)).toEqual([])
    expect(rejected).toEqual(['type-not-allowed b.exe'])
  })

  test('keeps a raw body under the name of the query or of Content-Disposition', async () => {
    const { uploads, storage } = engine()
    const put = (url: string, headers: Record<string, string>) =>
      uploads.handle(new Request(`http://localhost${url}`, { method: 'POST', body: 'raw', headers }))
    expect((await put('/uploads?name=a%20b.bin', { 'content-type': 'application/x-thing' })).status).toBe(201)
    expect((await put('/uploads', { 'content-disposition': 'attachment; filename="c.bin"' })).status).toBe(201)
    const nameless = await put('/uploads', { 'content-type': 'image/png' })
    expect([nameless.status, await nameless.text()]).toEqual([415, 'Expected multipart/form-data.'])
    expect(await names(storage)).toEqual(['a b.bin', 'c.bin'])
  })

  test('lets a validator see the first 4 KiB before anything is stored, and refuse in its own words', async () => {
    const seen: number[] = []
    const { uploads, storage } = engine({
      validate: file => {
        seen.push(file.head.length)
        if (file.extension !== '.png') throw new UploadError('type-not-allowed', 'PNG only!')
      },
    })
    const response = await uploads.handle(post(formOf(['file', 'x.gif', new Uint8Array(100_000)])))
    expect([response.status, await response.text()]).toEqual([415, 'PNG only!'])
    expect((await uploads.handle(post(formOf(['file', 'x.png', 'tiny'])))).status).toBe(201)
    expect(seen).toEqual([4096, 4])
    expect(await names(storage)).toEqual(['x.png'])
  })

  test('weak spot 11: answers a plain form with a page, or sends it on; scripts get JSON', async () => {
    const accept = { accept: 'text/html,application/xhtml+xml' }
    const page = await engine().uploads.handle(post(formOf(['file', '<b>.txt', 'x']), accept))
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await page.text()).not.toContain('<b>')
    const json = await engine().uploads.handle(post(formOf(['file', 'a', 'x'])))
    expect(json.headers.get('content-type')).toMatch(/^application\/json/)
    const sent = await engine({ redirectUrl: '/done' }).uploads.handle(post(formOf(['file', 'a', 'x']), accept))
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/done'])
  })

  test.each([
    ['http://localhost/album?a=1', '/album?a=1'],
    ['http://localhost//evil.example/x', '/evil.example/x'],
    ['http://localhost/\\/evil.example/x', '/evil.example/x'],
    ['http://localhost///', '/'],
    ['http://localhost/%2f/evil.example', '/%2f/evil.example'],
    ['http://evil.example/album', undefined],
    ['http://localhost:81/album', undefined],
    ['http://localhost@evil.example/', undefined],
    ['//evil.example', undefined],
    ['javascript://localhost/%0aalert(1)', '/%0aalert(1)'],
  ])('the page for a plain form sent from %s leads back to this host or nowhere', async (referer, expected) => {
    const request = post(formOf(['file', 'a.txt', 'x']), { accept: 'text/html', host: 'localhost', referer })
    const html = await (await engine().uploads.handle(request)).text()
    const link = /<a href="([^"]*)">Upload more/.exec(html)?.[1]
    expect(link).toBe(expected)
    if (link !== undefined) expect(new URL(link, 'http://localhost/uploads').origin).toBe('http://localhost')
  })

  test('deletes the files again when onUploadFinish refuses', async () => {
    const { uploads, storage } = engine({
      onUploadFinish: () => {
        throw new UploadError('rejected', 'No room in your album.')
      },
    })
    const response = await uploads.handle(post(formOf(['file', 'a.txt', 'x'])))
    expect([response.status, await response.text()]).toEqual([422, 'No room in your album.'])
    expect(await names(storage)).toEqual([])
  })

  test('refuses a cross-site post before it reads', async () => {
    const { uploads } = engine()
    const request = post(formOf(['file', 'a', 'x']), { 'sec-fetch-site': 'cross-site' })
    const response = await uploads.handle(request)
    expect([response.status, await response.text()]).toEqual([403, 'The request came from another site.'])
  })

  test('an error of a hook is no secret of ours told to strangers', async () => {
    const lines: string[] = []
    const { uploads } = engine({
      log: line => void lines.push(line),
      onUploadCreate: () => {
        throw new Error('password is hunter2 at /etc/x')
      },
    })
    const response = await uploads.handle(post(formOf(['file', 'a', 'x'])))
    expect([response.status, await response.text()]).toEqual([500, 'Something went wrong on the server.'])
    expect(lines.join()).toContain('hunter2')
    expect(lines.join()).not.toContain('\n')
  })
})

describe('files()', () => {
  const source = (form: FormData) => post(form)

  test('streams file by file; what is not taken is thrown away', async () => {
    const { uploads, storage } = engine()
    const form = formOf(
      ['file[0]', 'a.txt', 'aa'],
      ['file[1]', 'skip.bin', new Uint8Array(300_000)],
      ['file[2]', 'c.txt', 'cc'],
    )
    form.append('note', 'after')
    const seen: string[] = []
    const files = uploads.files(source(form))
    for await (const file of files) {
      seen.push(`${file.field} ${file.extension}`)
      if (file.index !== 1) expect(await file.save()).toMatchObject({ name: file.name, size: 2 })
    }
    expect(seen).toEqual(['file[0] .txt', 'file[1] .bin', 'file[2] .txt'])
    expect(await names(storage)).toEqual(['a.txt', 'c.txt'])
    expect(files.fields.get('note')).toBe('after')
  })

  test('a refusal lists what was saved before', async () => {
    const { uploads, storage } = engine({ policy: { accept: '.txt' } })
    const loop = async () => {
      for await (const file of uploads.files(source(formOf(['f', 'a.txt', 'a'], ['f', 'b.exe', 'b']))))
        await file.save()
    }
    const error = await loop().catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'type-not-allowed', saved: [{ name: 'a.txt' }] })
    expect(await names(storage)).toEqual(['a.txt'])
  })

  test('a refusal may be caught and the loop goes on', async () => {
    const { uploads, storage } = engine({ policy: { maxFileSize: '2 KiB' } })
    const form = formOf(['f', 'big', new Uint8Array(500_000)], ['f', 'small', 'x'])
    const errors: unknown[] = []
    for await (const file of uploads.files(source(form))) await file.save().catch(error => errors.push(error.code))
    expect(errors).toEqual(['file-too-big'])
    expect(await names(storage)).toEqual(['small'])
  })

  test('a save that nobody awaited still fails the loop', async () => {
    const { uploads } = engine({ policy: { maxFileSize: '2 KiB' } })
    const loop = async () => {
      for await (const file of uploads.files(source(formOf(['f', 'big', new Uint8Array(500_000)])))) {
        void file.save()
      }
    }
    await expect(loop()).rejects.toMatchObject({ code: 'file-too-big' })
  })

  test('maxTotalSize counts all files of the request, and what is thrown away is free', async () => {
    const { uploads, storage } = engine({ policy: { maxTotalSize: '10 KiB' } })
    const kib = (name: string, size: number): [string, string, Uint8Array<ArrayBuffer>] => [
      'f',
      name,
      new Uint8Array(size * 1024),
    ]
    const form = formOf(kib('a', 6), kib('unwanted', 6), kib('b', 4), kib('c', 1))
    const loop = async () => {
      for await (const file of uploads.files(source(form))) if (file.name !== 'unwanted') await file.save()
    }
    await expect(loop()).rejects.toMatchObject({ code: 'total-too-big' })
    expect(await names(storage)).toEqual(['a', 'b'])
  })

  test('leaving the loop early is safe', async () => {
    const { uploads, storage } = engine()
    for await (const file of uploads.files(source(formOf(['f', 'a', 'x'], ['f', 'b', 'y'])))) {
      expect(file.name).toBe('a')
      break
    }
    expect(await names(storage)).toEqual([])
  })

  test('leaving the loop after a save ends the reading, so that close() has nothing to wait for', async () => {
    const { uploads, storage } = engine()
    for await (const file of uploads.files(source(formOf(['f', 'a', 'x'], ['f', 'b', 'y'], ['f', 'c', 'z'])))) {
      await file.save()
      break
    }
    await expect(Promise.race([uploads.close(10_000), delay(2_000, 'still reading')])).resolves.toBeUndefined()
    expect(await names(storage)).toEqual(['a'])
  })

  test('stream() gives the bytes without storing them', async () => {
    const { uploads, storage } = engine()
    const bytes = new Uint8Array(2_000_000).map((_, i) => i)
    let size = 0
    for await (const file of uploads.files(source(formOf(['f', 'a', bytes], ['f', 'b', 'y'])))) {
      for await (const chunk of file.stream()) {
        if (file.index === 1) break
        for (const byte of [chunk[0], chunk[chunk.length - 1]]) expect(byte).toBeDefined()
        size += chunk.length
      }
    }
    expect(size).toBe(2_000_000)
    expect(await names(storage)).toEqual([])
  })
})

describe('receive()', () => {
  test('stores all files and returns them with the fields', async () => {
    const { uploads } = engine({ naming: 'random' })
    const form = formOf(['f', 'a.TXT', 'a'])
    form.append('x', '1')
    form.append('x', '2')
    const { files, fields } = await uploads.receive(post(form))
    expect(files[0]).toMatchObject({ originalName: 'a.TXT', size: 1 })
    expect(files[0]?.name).toMatch(/^[0-9a-f]{32}\.txt$/i)
    expect([fields.get('x'), fields.getAll('x')]).toEqual(['1', ['1', '2']])
  })
})

describe('start-up', () => {
  test.each([
    [{ clock: {} }, /clock is an object; it must be an object with now\(\)/],
    [{ locker: {} }, /locker is an object; it must be a locker/],
    [{ path: 'uploads' }, /path is "uploads"/],
    [{ naming: 'other' }, /naming is "other"; it must be "original", "random" or a function/],
    [{ dropArea: { deleteOnRemove: true } }, /dropArea.deleteOnRemove is true/],
    [{ nonsense: 1 }, /nonsense/],
  ])('%j is refused with a sentence', (options, sentence) => {
    expect(() => engine(options as Partial<DropgateOptions>)).toThrow(sentence as RegExp)
  })
})

describe('close()', () => {
  test('called twice is the same end', async () => {
    const { uploads } = engine()
    const ends = [uploads.close(), uploads.close()]
    await Promise.all(ends)
    expect(uploads.close()).toBeInstanceOf(Promise)
  })

  test('refuses new uploads and says when to come back', async () => {
    const { uploads } = engine()
    await uploads.close()
    const response = await uploads.handle(post(formOf(['f', 'a', 'x'])))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.text()).toBe('The server is restarting. Please try again.')
  })
})
