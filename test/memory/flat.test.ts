/** Promise 3: memory does not grow with the size of a file. Each path in a server process of its own, at full speed. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  resetPeakMemory,
  residentMemory,
  type ServerKind,
  startServer,
  temporaryFolder,
} from '../support/server-process.ts'
import { type Dialect, digestOf, sendFile } from './sender.ts'

const MiB = 1024 * 1024
const small = 256
const large = 1024
/** A collector that comes late adds some MiB to a peak now and then; growth with the size shows in every round. */
const rounds = 3
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe.runIf(process.platform === 'linux')('memory while 1 GiB comes in', { timeout: 180_000 }, () => {
  it.each<{ path: string; kind: ServerKind; dialect: Dialect }>([
    { path: 'a form through node:http', kind: 'node', dialect: 'form' },
    { path: 'a raw body through node:http', kind: 'node', dialect: 'binary' },
    { path: 'a form through Express 5', kind: 'express', dialect: 'form' },
    { path: 'file.save() on a route of its own', kind: 'files', dialect: 'form' },
    { path: 'a form through Hono', kind: 'hono', dialect: 'form' },
  ])('stays flat: $path', async ({ kind, dialect }) => {
    const peaks = await measure(kind, dialect)
    expect(Math.max(...peaks.small, ...peaks.large), said(peaks)).toBeLessThanOrEqual(64)
    expect(Math.abs(median(peaks.large) - median(peaks.small)), said(peaks)).toBeLessThanOrEqual(8)
  })
})

/** MiB above idle, one figure for each round. */
interface Peaks {
  /** While 256 MiB came in. */
  readonly small: readonly number[]
  /** While 1 GiB came in. */
  readonly large: readonly number[]
}

async function measure(kind: ServerKind, dialect: Dialect): Promise<Peaks> {
  const folder = temporaryFolder()
  cleanups.push(folder.remove)
  const server = await startServer(kind, folder.path, { fast: true })
  cleanups.push(server.stop)
  const idle = residentMemory(server.pid).now
  const peakOf = async (mebibytes: number) => {
    resetPeakMemory(server.pid)
    const answer = await sendFile(server.port, dialect, 'large.bin', mebibytes)
    const { peak } = residentMemory(server.pid)
    expect(answer.status, answer.body).toBe(201)
    await checkStored(folder.path, mebibytes)
    return Math.round((peak - idle) / MiB)
  }
  // Code is compiled and pools are filled once, whatever the size.
  await peakOf(64)
  const peaks = { small: [] as number[], large: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    peaks.small.push(await peakOf(small))
    peaks.large.push(await peakOf(large))
  }
  await server.stop()
  return peaks
}

/** The one file there is what was sent; then it is deleted. */
async function checkStored(folder: string, mebibytes: number): Promise<void> {
  expect((await readdir(folder)).filter(name => !name.startsWith('.'))).toEqual(['large.bin'])
  const file = join(folder, 'large.bin')
  expect((await stat(file)).size).toBe(mebibytes * MiB)
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: MiB }), hash)
  expect(hash.digest('hex')).toBe(digestOf(mebibytes))
  await rm(file)
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1] as number
}

function said(peaks: Peaks): string {
  return `${peaks.small} MiB above idle for ${small} MiB, ${peaks.large} MiB for ${large} MiB`
}
