/** Uploads over a network that fails: all bytes arrive once, and what was sent twice is no more than was on its way. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { residentMemory } from '../support/server-process.ts'
import { isLong, startCommand, tell } from './command.ts'
import { type LargeWire, sendLarge, sha256Of } from './large-sender.ts'
import { leftovers } from './ledger.ts'
import { type Fate, startProxy } from './proxy.ts'

const mebibyte = 1024 * 1024
/**
 * What may be on its way when a connection breaks. A reset throws away what the systems hold for both sides, on Linux up
 * to 4 MiB for the sender and 6 MiB for the receiver, and the server holds a batch. Short uploads do not fill that.
 */
const inFlight = (isLong ? 12 : 4) * mebibyte
const isLinux = process.platform === 'linux'

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

interface Journey {
  readonly wire?: LargeWire
  readonly size: number
  readonly chunkSize?: number
  /** Cuts it has to survive at least. */
  readonly cuts: number
  readonly patience?: number
  fateOf(number: number): Fate
}

interface Travelled {
  /** Bytes that went over the wire beyond those of the file. */
  readonly again: number
  /** Requests with bytes. */
  readonly tries: number
  /** MiB the server took beyond what it had when idle; undefined where that cannot be seen. */
  readonly memory: number | undefined
}

/** Sends through the proxy; the file is right. */
async function journey(plan: Journey): Promise<Travelled> {
  const { wire = 'tus', size, chunkSize = size, cuts, patience = 30_000, fateOf } = plan
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-net-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await startCommand(folder)
  const idle = isLinux ? residentMemory(server.pid).now : 0
  const proxy = await startProxy(server.port, fateOf)
  const tries = await sendLarge(wire, { port: proxy.port, name: 'big.bin', size, patience, chunkSize })
  const memory = isLinux ? Math.round((residentMemory(server.pid).peak - idle) / mebibyte) : undefined
  expect(tries, 'interruptions').toBeGreaterThan(cuts)
  expect(await sha256OfFile(join(folder, 'big.bin'))).toBe(sha256Of(size))
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', 'big.bin'])
  expect(await leftovers(folder)).toEqual([])
  await server.end('SIGKILL')
  return { again: proxy.passed() - size, tries, memory }
}

const large = isLong ? 2048 * mebibyte : 64 * mebibyte
const cuts = 10
const ends = ['reset', 'fin'] as const

describe.each<LargeWire>(['tus', 'ietf', 'chunks'])('over %s', wire => {
  const chunkSize = (isLong ? 8 : 2) * mebibyte
  const count = large / chunkSize
  /** Every second connection is a HEAD, which passes; the first is the POST. */
  const byOffset = (number: number): Fate =>
    number > 0 && number % 2 === 0 && number <= 2 * cuts
      ? { after: Math.round(large / (cuts + 1)), by: ends[(number / 2) % 2] ?? 'reset', pause: 1 }
      : {}
  /** A chunk is a connection of its own; ten of them break in the middle. */
  const step = Math.floor(count / cuts)
  const byChunk = (number: number): Fate =>
    number % step === 1 && number < cuts * step
      ? { after: chunkSize / 2, by: ends[Math.floor(number / step) % 2] ?? 'reset', pause: 1 }
      : {}

  test(`${large / mebibyte} MiB cut ten times arrive whole, little is sent twice, memory stays flat`, {
    timeout: 900_000,
  }, async () => {
    const fateOf = wire === 'chunks' ? byChunk : byOffset
    const { again, tries, memory } = await journey({ wire, size: large, chunkSize, cuts, fateOf })
    expect(tries).toBe(wire === 'chunks' ? count + cuts : cuts + 1)
    expect(again, 'bytes sent twice').toBeLessThan(cuts * (wire === 'chunks' ? chunkSize : inFlight))
    expect(memory ?? 0, 'MiB above idle').toBeLessThanOrEqual(64)
    tell(
      `${large / mebibyte} MiB over ${wire}, cut ${cuts} times: ${again} bytes sent beyond the file, heads included; ` +
        `the server took ${memory} MiB more than when idle`,
    )
  })
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
  const places = [0, 40, 150, 1, 70_000, 333, 200, 100_001]
  const fateOf = (number: number): Fate => {
    const after = places[number - 1]
    return {
      slice: 8192,
      pause: 2,
      ...(after ? { after, by: number % 2 ? ('fin' as const) : ('reset' as const) } : {}),
    }
  }
  await journey({ size, cuts: 1, fateOf })
})
