/** Promise 3 for uploads over several requests: memory does not grow with the size of a file, whichever wire it takes. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LargeWire, sendLarge, sha256Of } from '../faults/large-sender.ts'
import { resetPeakMemory, residentMemory, startServer, temporaryFolder } from '../support/server-process.ts'

const MiB = 1024 * 1024
const small = 64
const large = 384
const rounds = 2
/**
 * MiB that the larger may take beyond the smaller. The heap of a young server grows with its first hundreds of requests,
 * of which chunks are many, and then stays; a file that is kept in memory would take 320 more.
 */
const tolerance = 24

describe.runIf(process.platform === 'linux')('memory while 384 MiB come in', { timeout: 180_000 }, () => {
  it.each<LargeWire>(['tus', 'ietf', 'chunks'])('stays flat over %s', async wire => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const server = await startServer('node', folder.path, { fast: true })
    onTestFinished(server.stop)
    const idle = residentMemory(server.pid).now
    const peakOf = async (mebibytes: number) => {
      resetPeakMemory(server.pid)
      const size = mebibytes * MiB
      await sendLarge(wire, { port: server.port, name: 'large.bin', size, patience: 30_000, chunkSize: 8 * MiB })
      const { peak } = residentMemory(server.pid)
      await checkStored(folder.path, size)
      return Math.round((peak - idle) / MiB)
    }
    // Code is compiled and pools are filled once, whatever the size.
    await peakOf(64)
    const peaks = { small: [] as number[], large: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      peaks.small.push(await peakOf(small))
      peaks.large.push(await peakOf(large))
    }
    const said = `${peaks.small} MiB above idle for ${small} MiB, ${peaks.large} MiB for ${large} MiB`
    expect(Math.max(...peaks.small, ...peaks.large), said).toBeLessThanOrEqual(64)
    expect(Math.max(...peaks.large) - Math.max(...peaks.small), said).toBeLessThanOrEqual(tolerance)
  })
})

/** The one file there is what was sent; then it is deleted. */
async function checkStored(folder: string, size: number): Promise<void> {
  expect((await readdir(folder)).filter(name => !name.startsWith('.'))).toEqual(['large.bin'])
  const file = join(folder, 'large.bin')
  const hash = createHash('sha256')
  await pipeline(createReadStream(file, { highWaterMark: MiB }), hash)
  expect(hash.digest('hex')).toBe(sha256Of(size))
  await rm(file)
}
