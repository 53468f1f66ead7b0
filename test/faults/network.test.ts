/** Uploads over a network that fails: all bytes arrive once, and what was sent twice is no more than was on its way. */
import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { isLong, startCommand, tell } from './command.ts'
import { leftovers } from './ledger.ts'
import { type Fate, startProxy } from './proxy.ts'
import { send } from './senders.ts'

const mebibyte = 1024 * 1024
/**
 * What may be on its way when a connection breaks. A reset throws away what the systems hold for both sides, on Linux up
 * to 4 MiB for the sender and 6 MiB for the receiver, and the server holds a batch. Short uploads do not fill that.
 */
const inFlight = (isLong ? 12 : 4) * mebibyte
const tus = { 'Tus-Resumable': '1.0.0' }

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

/** One PATCH from `offset` to the end of the upload. Rejects, or gives the status, when the way broke or the time is up. */
function patch(port: number, path: string, offset: number, size: number, patience: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...tus,
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': offset,
      'Content-Length': size - offset,
    }
    const out = request({ host: '127.0.0.1', port, path, method: 'PATCH', agent: false, headers })
    out.setTimeout(patience, () => out.destroy(new Error('nothing moved')))
    out.once('error', reject)
    out.once('response', response => {
      response.resume().once('error', reject)
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    let at = offset
    const more = () => {
      for (let room = true; room && at < size && !out.destroyed; ) {
        const piece = bytesAt(at, Math.min(256 * 1024, size - at))
        at += piece.length
        room = out.write(piece)
      }
      if (at === size) out.end()
    }
    out.on('drain', more)
    more()
  })
}

/** HEAD, PATCH, and again, until all is there. @returns how many PATCHes it took */
async function upload(port: number, size: number, patience: number): Promise<number> {
  const metadata = `filename ${Buffer.from('big.bin').toString('base64')}`
  const created = await send({ port }, 'POST', '/uploads', {
    ...tus,
    'Upload-Length': String(size),
    'Upload-Metadata': metadata,
  })
  const path = created.headers.location ?? ''
  expect(created.status).toBe(201)
  let [last, tries] = [0, 0]
  for (;;) {
    const head = await send({ port }, 'HEAD', path, tus).catch(() => undefined)
    const offset = head?.status === 200 ? Number(head.headers['upload-offset']) : undefined
    if (offset === size) return tries
    if (offset === undefined) {
      await wait(20)
      continue
    }
    expect(offset, 'an offset never goes back').toBeGreaterThanOrEqual(last)
    last = offset
    tries++
    await patch(port, path, offset, size, patience).catch(() => {})
  }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

function sha256Of(size: number): string {
  const hash = createHash('sha256')
  for (let at = 0; at < size; at += mebibyte) hash.update(bytesAt(at, Math.min(mebibyte, size - at)))
  return hash.digest('hex')
}

interface Journey {
  readonly size: number
  /** Cuts it has to survive at least. */
  readonly cuts: number
  readonly patience?: number
  fateOf(number: number): Fate
}

/** Sends through the proxy; the file is right. @returns bytes that went over the wire beyond those of the file */
async function journey({ size, cuts, patience = 30_000, fateOf }: Journey): Promise<{ again: number; tries: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-net-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await startCommand(folder)
  const proxy = await startProxy(server.port, fateOf)
  const tries = await upload(proxy.port, size, patience)
  expect(tries, 'interruptions').toBeGreaterThan(cuts)
  expect(await sha256OfFile(join(folder, 'big.bin'))).toBe(sha256Of(size))
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', 'big.bin'])
  expect(await leftovers(folder)).toEqual([])
  await server.end('SIGKILL')
  return { again: proxy.passed() - size, tries }
}

const large = isLong ? 2048 * mebibyte : 64 * mebibyte

test(`${large / mebibyte} MiB cut ten times arrive whole, and little is sent twice`, { timeout: 900_000 }, async () => {
  const cuts = 10
  const kinds = ['reset', 'fin'] as const
  // Every second connection is a HEAD, which passes; the first is the POST.
  const fateOf = (number: number): Fate =>
    number > 0 && number % 2 === 0 && number <= 2 * cuts
      ? { after: Math.round(large / (cuts + 1)), by: kinds[(number / 2) % 2] ?? 'reset', pause: 1 }
      : {}
  const { again, tries } = await journey({ size: large, cuts, fateOf })
  expect(tries).toBe(cuts + 1)
  expect(again, 'bytes sent twice').toBeLessThan(cuts * inFlight)
  tell(`${large / mebibyte} MiB cut ${cuts} times: ${again} bytes sent beyond the file, heads included`)
})

test('a line that falls silent, again and again', { timeout: 60_000 }, async () => {
  const size = 4 * mebibyte
  const fateOf = (number: number): Fate =>
    number > 0 && number % 2 === 0 && number <= 6 ? { after: mebibyte, by: 'silence' } : {}
  const began = performance.now()
  await journey({ size, cuts: 3, patience: 500, fateOf })
  expect(performance.now() - began, 'nobody hung up').toBeGreaterThan(1500)
})

test('a line that brings one byte at a time', { timeout: 60_000 }, async () => {
  await journey({ size: 20_000, cuts: 0, fateOf: () => ({ slice: 1 }) })
})

test('a slow line that is cut at odd places, heads too', { timeout: 60_000 }, async () => {
  const size = 600_000
  const ends = [0, 40, 150, 1, 70_000, 333, 200, 100_001]
  const fateOf = (number: number): Fate => {
    const after = ends[number - 1]
    return {
      slice: 8192,
      pause: 2,
      ...(after ? { after, by: number % 2 ? ('fin' as const) : ('reset' as const) } : {}),
    }
  }
  await journey({ size, cuts: 1, fateOf })
})
