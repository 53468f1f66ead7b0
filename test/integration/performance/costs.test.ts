/**
 * What an upload costs, counted instead of timed: calls of the file system, writes, spans, copied bytes.
 *
 * The numbers are today's, exactly. Whoever makes them smaller lowers them here; a change that makes one of them larger
 * says why in its commit. `npm run bench` tells what they are worth in time.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { dropgate } from '../../../src/index.ts'
import { createMultipartParser } from '../../../src/multipart.ts'
import { nodeUploads, prepareServer } from '../../../src/node.ts'
import { openDiskStorage } from '../../../src/storages/disk/storage.ts'
import { countingFileSystem, type Span } from './counting.ts'

const KiB = 1024
const MiB = 1024 * KiB
const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW9'
const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

interface Load {
  readonly files: number
  /** Bytes of each file. */
  readonly size: number
  /** Bytes of each chunk of the body. */
  readonly chunk: number
  readonly durable: boolean
  readonly content?: string
}

/** Calls for one request, after another one has opened the folder. */
const calls: Record<string, { readonly load: Load; readonly calls: Record<string, number> }> = {
  'one small file, durable': {
    load: { files: 1, size: 16 * KiB, chunk: 64 * KiB, durable: true },
    calls: { open: 1, writev: 1, sync: 2, close: 1, link: 1, unlink: 1, stat: 2 },
  },
  'ten small files in one request, durable': {
    load: { files: 10, size: 4 * KiB, chunk: 64 * KiB, durable: true },
    calls: { open: 11, writev: 11, sync: 14, close: 11, link: 10, unlink: 11, stat: 11 },
  },
  'one large file, durable': {
    load: { files: 1, size: 16 * MiB, chunk: 64 * KiB, durable: true },
    calls: { open: 1, writev: 18, sync: 2, close: 1, link: 1, unlink: 1, stat: 2 },
  },
  'one small file': {
    load: { files: 1, size: 16 * KiB, chunk: 64 * KiB, durable: false },
    calls: { 'inline writeWhole': 1, 'inline link': 1, 'inline unlink': 1, 'inline stat': 1 },
  },
  'ten small files in one request': {
    load: { files: 10, size: 4 * KiB, chunk: 64 * KiB, durable: false },
    calls: {
      'inline writeWhole': 10,
      open: 1,
      writev: 1,
      close: 1,
      'inline link': 10,
      'inline unlink': 10,
      unlink: 1,
      stat: 1,
    },
  },
  'one large file': {
    load: { files: 1, size: 16 * MiB, chunk: 64 * KiB, durable: false },
    calls: { open: 1, writev: 18, close: 1, link: 1, unlink: 1, stat: 2 },
  },
}

/** A span this short is packed with others, whatever it came in: the bookkeeping would outweigh its bytes. */
const shortSpan = 8 * KiB

/** Of one large file. `copied`: bytes that were written from other memory than they came in. */
const flow: Record<
  string,
  { readonly load: Load; readonly writesPerMiB: number; readonly spansPerChunk: number; readonly copied: number }
> = {
  'chunks of 64 KiB': {
    load: { files: 1, size: 16 * MiB, chunk: 64 * KiB, durable: false },
    writesPerMiB: 1.125,
    spansPerChunk: 1,
    copied: 0,
  },
  'chunks of 16 KiB': {
    load: { files: 1, size: 16 * MiB, chunk: 16 * KiB, durable: false },
    writesPerMiB: 1.125,
    spansPerChunk: 1,
    copied: 0,
  },
  'chunks of 1 KiB, packed into slabs': {
    load: { files: 1, size: 16 * MiB, chunk: KiB, durable: false },
    writesPerMiB: 1.125,
    spansPerChunk: 0.02,
    // Not the last one of each batch.
    copied: 16 * MiB - 17 * KiB - 112,
  },
  'CR at the end of every chunk: only the carry is copied': {
    load: { files: 1, size: 16 * MiB, chunk: 64 * KiB, durable: false, content: '\r' },
    writesPerMiB: 1.125,
    spansPerChunk: 1.996,
    copied: 256,
  },
}

/** Spans that the parser hands on for one chunk of 64 KiB, at most. */
const spans: Record<string, { readonly content: string; readonly most: number }> = {
  'ordinary bytes': { content: 'x', most: 1 },
  'all CR': { content: '\r', most: 2 },
  CRLF: { content: '\r\n', most: 2 },
  dashes: { content: '-', most: 1 },
  'CRLF and dashes': { content: `\r\n${'-'.repeat(29)}`, most: 2 },
  'boundary but its last letter': { content: `\r\n--${boundary.slice(0, -1)}!`, most: 2 },
}

describe('calls of the file system', () => {
  test.each(Object.entries(calls))('%s', async (_name, { load, calls: expected }) => {
    const { counts } = await upload(load)
    expect(counts.calls).toEqual(expected)
  })
})

describe('on the way from the socket to the disk', () => {
  test.each(Object.entries(flow))('%s', async (_name, { load, ...expected }) => {
    const { counts, chunks } = await upload(load)
    expect({
      writesPerMiB: (counts.calls.writev ?? 0) / ((load.files * load.size) / MiB),
      spansPerChunk: Math.round((counts.written.length / chunks.length) * 1000) / 1000,
      copied: lengthOf(copiesOf(counts.written, chunks)),
    }).toEqual(expected)
  })

  test('small files that lie in one chunk are not copied', async () => {
    const { counts, chunks } = await upload({ files: 14, size: 4 * KiB, chunk: 64 * KiB, durable: false })
    expect(chunks).toHaveLength(1)
    expect(lengthOf(counts.written.filter(({ length }) => length === 4 * KiB))).toBe(14 * 4 * KiB)
    expect(copiesOf(counts.written, chunks).filter(({ length }) => length === 4 * KiB)).toEqual([])
  })

  test('from a real socket, only short spans are copied', async () => {
    const { counts, chunks } = await uploadOverHttp(16 * MiB)
    const long = counts.written.filter(({ length }) => length >= shortSpan)
    expect(lengthOf(long)).toBeGreaterThan(12 * MiB)
    // A short chunk comes when the kernel has no more at the moment; enough of them make a long slab.
    const short = chunks.filter(({ length }) => length < shortSpan)
    expect(lengthOf(copiesOf(long, chunks))).toBeLessThanOrEqual(lengthOf(short))
  })

  test.each(Object.entries(spans))('%s: spans of a chunk', (_name, { content, most }) => {
    const parser = createMultipartParser(boundary)
    const counted = chunksOf({ files: 1, size: MiB, chunk: 64 * KiB, durable: false, content }).map(chunk => {
      parser.push(chunk)
      let found = 0
      for (let event = parser.read(); event !== undefined; event = parser.read()) if (event.type === 'data') found++
      return found
    })
    expect(Math.max(...counted)).toBe(most)
  })
})

/** One file over node:http: what it cost, and the memory of the chunks as Node's parser handed them out. */
async function uploadOverHttp(size: number) {
  const { uploads, counts } = await receiver(false)
  const chunks: Span[] = []
  const handle = nodeUploads(uploads)
  const server = prepareServer(
    createServer((req, res) => {
      const push = req.push.bind(req)
      req.push = (chunk: Uint8Array | null, encoding) => {
        if (chunk) chunks.push({ buffer: chunk.buffer, length: chunk.length })
        return push(chunk, encoding)
      }
      void handle(req, res)
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const form = new FormData()
    form.append('file', new File([new Uint8Array(size)], 'zeros.bin'))
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'POST', body: form })
    expect([response.status, await response.text()]).toEqual([201, expect.stringContaining('zeros.bin')])
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return { counts, chunks }
}

/** An engine on a disk storage that counts. */
async function receiver(durable: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-costs-'))
  folders.push(folder)
  const { fs, inline, counts, reset } = countingFileSystem()
  const storage = openDiskStorage(folder, { durable }, fs, inline)
  return { uploads: dropgate({ storage, policy: { maxFileSize: '1 GiB' } }), counts, reset }
}

/** One form into a disk storage: what it cost, and the chunks it came in. */
async function upload(load: Load) {
  const { uploads, counts, reset } = await receiver(load.durable)
  const send = async (chunks: readonly Uint8Array[], prefix: string) => {
    const headers = new Headers({ 'Content-Type': `multipart/form-data; boundary=${boundary}` })
    const response = await uploads.handle({ method: 'POST', url: '/uploads', headers, body: iterate(chunks) })
    expect([response.status, await response.text()]).toEqual([201, expect.stringContaining(prefix)])
  }
  await send(chunksOf({ files: 1, size: KiB, chunk: KiB, durable: load.durable }, 'first'), 'first')
  // What is looked at once in a turn of the event loop is looked at for this upload, too.
  await new Promise(resolve => setImmediate(resolve))
  reset()
  const chunks = chunksOf(load, 'file')
  await send(chunks, 'file')
  return { counts, chunks }
}

/** What was written from other memory than it came in. */
function copiesOf(written: readonly Span[], chunks: readonly Pick<Span, 'buffer'>[]): Span[] {
  const sources = new Set(chunks.map(({ buffer }) => buffer))
  return written.filter(({ buffer }) => !sources.has(buffer))
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0)
}

async function* iterate(chunks: readonly Uint8Array[]) {
  yield* chunks
}

/** The body as a socket hands it out: each chunk in memory of its own. */
function chunksOf({ files, size, chunk, content = 'x' }: Load, prefix = 'file'): Uint8Array[] {
  const parts = Array.from({ length: files }, (_, index) =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${prefix}-${index}.bin"\r\n\r\n`,
      ),
      Buffer.alloc(size, content, 'latin1'),
      Buffer.from('\r\n'),
    ]),
  )
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  return Array.from({ length: Math.ceil(body.length / chunk) }, (_, index) =>
    Uint8Array.from(body.subarray(index * chunk, (index + 1) * chunk)),
  )
}
