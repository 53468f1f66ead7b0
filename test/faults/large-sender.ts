/** Clients for files of any size, which cost no memory: on they go, by each protocol's own means, until all is there. */
import { createCipheriv, createHash, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { send } from './senders.ts'

const mebibyte = 1024 * 1024
const boundary = 'fault-boundary'

/** How a file travels. */
export type LargeWire = 'tus' | 'ietf' | 'chunks'

/** A file to be sent. */
export interface LargeFile {
  readonly port: number
  readonly name: string
  readonly size: number
  /** Milliseconds without a move after which a client hangs up. */
  readonly patience: number
  /** Bytes per chunk of Dropzone. */
  readonly chunkSize: number
}

/** Sends it. @returns how many requests with bytes it took */
export function sendLarge(wire: LargeWire, file: LargeFile): Promise<number> {
  return wire === 'chunks' ? sendInChunks(file) : sendByOffset(wire, file)
}

/** Bytes from anywhere in an endless stream that costs no memory (AES in counter mode). */
function bytesAt(offset: number, length: number): Buffer {
  const block = Math.floor(offset / 16)
  const counter = Buffer.alloc(16)
  counter.writeBigUInt64BE(BigInt(block), 8)
  const skip = offset - block * 16
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), counter)
    .update(Buffer.alloc(skip + length))
    .subarray(skip)
}

/** What `sha256sum` says of a file that arrived. */
export function sha256Of(size: number): string {
  const hash = createHash('sha256')
  for (let at = 0; at < size; at += mebibyte) hash.update(bytesAt(at, Math.min(mebibyte, size - at)))
  return hash.digest('hex')
}

/** HEAD, PATCH, and again. */
async function sendByOffset(wire: 'tus' | 'ietf', { port, name, size, patience }: LargeFile): Promise<number> {
  const { begin, mark, append } = wires[wire]
  const created = await send({ port }, 'POST', begin.url(name), begin.headers(name, size))
  expect(created.status).toBe(201)
  const path = created.headers.location ?? ''
  let [last, tries] = [0, 0]
  for (;;) {
    const head = await send({ port }, 'HEAD', path, mark).catch(() => undefined)
    const isAnswer = head !== undefined && head.status < 300
    const offset = isAnswer ? Number(head.headers['upload-offset']) : undefined
    if (offset === size) return tries
    if (offset === undefined) {
      await wait(20)
      continue
    }
    expect(offset, 'an offset never goes back').toBeGreaterThanOrEqual(last)
    last = offset
    tries++
    const headers = { ...mark, ...append, 'Upload-Offset': offset }
    await pour({ port, method: 'PATCH', path, headers, patience, from: offset, end: size }).catch(() => {})
  }
}

const tus = { 'Tus-Resumable': '1.0.0' }
const wires = {
  tus: {
    mark: tus,
    append: { 'Content-Type': 'application/offset+octet-stream' },
    begin: {
      url: (_name: string) => '/uploads',
      headers: (name: string, size: number) => {
        const metadata = `filename ${Buffer.from(name).toString('base64')}`
        return { ...tus, 'Upload-Length': String(size), 'Upload-Metadata': metadata }
      },
    },
  },
  ietf: {
    mark: { 'Upload-Draft-Interop-Version': '8' },
    append: { 'Content-Type': 'application/partial-upload', 'Upload-Complete': '?1' },
    begin: {
      url: (name: string) => `/uploads?name=${name}`,
      headers: (_name: string, _size: number) => ({ 'Upload-Complete': '?0' }),
    },
  },
}

/** Two chunks at a time; one that fails is sent again. */
async function sendInChunks({ port, name, size, patience, chunkSize }: LargeFile): Promise<number> {
  const uuid = randomUUID()
  const count = Math.ceil(size / chunkSize)
  const queue = Array.from({ length: count }, (_, index) => count - 1 - index)
  let tries = 0
  const worker = async () => {
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      tries++
      const from = index * chunkSize
      const end = Math.min(size, from + chunkSize)
      const [before, after] = chunkFraming(name, { uuid, index, size, chunkSize, count })
      const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
      const all = { port, method: 'POST', path: '/uploads', headers, patience, from, end, before, after }
      const status = await pour(all).catch(() => 0)
      if (status === 201) continue
      expect(status, 'refused').toBe(0)
      queue.push(index)
    }
  }
  await Promise.all([worker(), worker()])
  return tries
}

interface ChunkOf {
  readonly uuid: string
  readonly index: number
  readonly size: number
  readonly chunkSize: number
  readonly count: number
}

function chunkFraming(name: string, { uuid, index, size, chunkSize, count }: ChunkOf): [string, string] {
  const fields = {
    dzuuid: uuid,
    dzchunkindex: index,
    dztotalfilesize: size,
    dzchunksize: chunkSize,
    dztotalchunkcount: count,
    dzchunkbyteoffset: index * chunkSize,
  }
  const part = (head: string) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`
  const text = Object.entries(fields).map(([field, value]) => `${part(`name="${field}"`)}${value}\r\n`)
  return [`${text.join('')}${part(`name="file"; filename="${name}"`)}`, `\r\n--${boundary}--\r\n`]
}

interface Pouring {
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly patience: number
  readonly from: number
  readonly end: number
  readonly before?: string
  readonly after?: string
}

/** One request. @returns its status; rejects when the way broke or the time is up */
function pour(by: Pouring): Promise<number> {
  const { port, method, path, patience, from, end, before = '', after = '' } = by
  return new Promise((resolve, reject) => {
    const headers = { ...by.headers, 'Content-Length': before.length + (end - from) + after.length }
    const out = request({ host: '127.0.0.1', port, path, method, agent: false, headers })
    out.setTimeout(patience, () => out.destroy(new Error('nothing moved')))
    out.once('error', reject)
    out.once('response', response => {
      response.resume().once('error', reject)
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    out.write(before)
    let at = from
    const more = () => {
      for (let room = true; room && at < end && !out.destroyed; ) {
        const piece = bytesAt(at, Math.min(256 * 1024, end - at))
        at += piece.length
        room = out.write(piece)
      }
      if (at === end && !out.writableEnded) out.end(after)
    }
    out.on('drain', more)
    more()
  })
}
