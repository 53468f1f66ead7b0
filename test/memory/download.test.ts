/** Memory does not grow with what goes out: a server process of its own, a reader at full speed and a slow one. */
import { once } from 'node:events'
import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { resetPeakMemory, residentMemory, startServer, temporaryFolder } from '../support/server-process.ts'

const MiB = 1024 * 1024
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe.runIf(process.platform === 'linux')('memory while 512 MiB go out', { timeout: 120_000 }, () => {
  it('stays flat, whole and in parts', async () => {
    const { port, pid } = await serve(512)
    await read(port, 'large.bin', 'bytes=0-67108863')
    const idle = residentMemory(pid).now
    for (const [range, size] of [
      [undefined, 512 * MiB],
      ['bytes=1-', 512 * MiB - 1],
    ] as const) {
      resetPeakMemory(pid)
      expect(await read(port, 'large.bin', range)).toBe(size)
      expect((residentMemory(pid).peak - idle) / MiB, range ?? 'whole').toBeLessThanOrEqual(48)
    }
  })

  it('waits for readers that do not read', async () => {
    const { port, pid } = await serve(512)
    await read(port, 'large.bin', 'bytes=0-67108863')
    const idle = residentMemory(pid).now
    resetPeakMemory(pid)
    for (let n = 0; n < 20; n++) {
      const reader = connect(port, '127.0.0.1')
      cleanups.push(() => reader.destroy())
      await once(reader, 'connect')
      reader.pause()
      reader.write('GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n')
    }
    await delay(2_000)
    // Each has a piece or two under way, and no more.
    expect((residentMemory(pid).peak - idle) / MiB).toBeLessThanOrEqual(64)
  })
})

async function serve(mebibytes: number) {
  const folder = temporaryFolder()
  cleanups.push(folder.remove)
  const file = openSync(join(folder.path, 'large.bin'), 'w')
  ftruncateSync(file, mebibytes * MiB)
  closeSync(file)
  const server = await startServer('download', folder.path, { fast: true })
  cleanups.push(server.stop)
  return server
}

/** Reads and throws away. @returns the bytes that came */
async function read(port: number, name: string, range?: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/${name}`, { headers: range ? { Range: range } : {} })
  let size = 0
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) size += chunk.byteLength
  return size
}
