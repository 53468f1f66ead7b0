/** Two servers on one folder: a chunk that stalls in one of them can not write into what the other has made a file. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskStorage, fileLocker } from '../../../src/disk.ts'
import { dropgate, type Uploads } from '../../../src/index.ts'

const chunkSize = 1024 * 1024
const boundary = 'chunk'

async function servers(): Promise<{ folder: string; one: Uploads; other: Uploads }> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-two-'))
  // A sweep behind the last answer may still use the folder.
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  const start = () => {
    const locker = fileLocker(join(folder, '.locks'))
    return dropgate({ storage: diskStorage(folder, { durable: false }), locker, log: () => {} })
  }
  return { folder, one: start(), other: start() }
}

/** A chunk whose bytes are given in pieces, each when its promise says so. */
function chunk(index: number, pieces: readonly (Uint8Array | Promise<Uint8Array>)[]): Request {
  const fields = {
    dzuuid: '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10',
    dzchunkindex: index,
    dztotalfilesize: 2 * chunkSize,
    dzchunksize: chunkSize,
    dztotalchunkcount: 2,
    dzchunkbyteoffset: index * chunkSize,
  }
  const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  const head = Buffer.from(`${text.join('')}${part('name="file"; filename="film.bin"')}`)
  const all = [head, ...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await all.shift()
      if (piece) controller.enqueue(new Uint8Array(piece))
      else controller.close()
    },
  })
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
  return new Request('http://localhost/uploads', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
}

test('the stalled one is told that it was continued elsewhere, and the file stays as it was checked', async () => {
  const { folder, one, other } = await servers()
  const good = new Uint8Array(chunkSize).fill(1)
  const evil = new Uint8Array(chunkSize / 2).fill(66)
  let release: (bytes: Uint8Array) => void = () => {}
  const late = new Promise<Uint8Array>(resolve => {
    release = resolve
  })
  const stalled = one.handle(chunk(0, [good.slice(chunkSize / 2), late]))
  await new Promise(resolve => setTimeout(resolve, 200))
  const answers = [await other.handle(chunk(0, [good])), await other.handle(chunk(1, [good]))]
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  expect((await readdir(folder)).filter(name => !name.startsWith('.'))).toEqual(['film.bin'])
  release(evil)
  const refused = await stalled
  expect(refused.status).toBeGreaterThanOrEqual(400)
  const stored = await readFile(join(folder, 'film.bin'))
  expect(stored.length).toBe(2 * chunkSize)
  expect(stored.every(byte => byte === 1)).toBe(true)
})

test('a chunk that was begun here and brought there counts once, and on it goes on either', async () => {
  const { folder, one, other } = await servers()
  const good = new Uint8Array(chunkSize).fill(1)
  expect((await one.handle(chunk(1, [good]))).status).toBe(201)
  const both = await Promise.all([one.handle(chunk(1, [good])), other.handle(chunk(1, [good]))])
  // The newer one may have made the older one stop.
  for (const { status } of both) expect([201, 400]).toContain(status)
  const last = await other.handle(chunk(0, [good]))
  expect((await last.json()) as object).toMatchObject({ files: [{ name: 'film.bin', size: 2 * chunkSize }] })
  expect((await readFile(join(folder, 'film.bin'))).every(byte => byte === 1)).toBe(true)
})

test('a PATCH of tus to the one server ends a chunk that stalls in the other, which can not write another byte', async () => {
  const { folder, one, other } = await servers()
  const good = new Uint8Array(chunkSize).fill(1)
  const begun = await other.handle(chunk(1, [good]))
  let release: (bytes: Uint8Array) => void = () => {}
  const late = new Promise<Uint8Array>(resolve => {
    release = resolve
  })
  const stalled = one.handle(chunk(0, [new Uint8Array(chunkSize / 2).fill(66), late]))
  await new Promise(resolve => setTimeout(resolve, 200))
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Upload-Offset': '0',
    'Content-Type': 'application/offset+octet-stream',
  }
  const url = new URL(begun.headers.get('location') ?? '', 'http://localhost')
  const answer = await other.handle(new Request(url, { method: 'PATCH', headers, body: good }))
  expect([answer.status, answer.headers.get('upload-offset')]).toEqual([204, String(2 * chunkSize)])
  release(new Uint8Array(chunkSize / 2).fill(66))
  expect((await stalled).status).toBe(400)
  const stored = await readFile(join(folder, 'film.bin'))
  expect(stored.length).toBe(2 * chunkSize)
  expect(stored.every(byte => byte === 1)).toBe(true)
})
