import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/memory.ts'
import { StreamStorage } from '../../src/server/stream-storage.ts'
import { markDisposable, markSpent, release } from '../../src/upload/disposable.ts'
import { UploadWriter } from '../../src/upload/writer.ts'

const id = 'a'.repeat(32)
const upload = { id, name: 'a.bin', type: '' }
const checks = { onBytes: () => {}, onHead: undefined }
const chunk = () => new Uint8Array(64 * 1024).fill(7)

describe('the memory of stored chunks', () => {
  it('is given back once a marked chunk is stored', async () => {
    const storage = memoryStorage()
    await storage.create(upload)
    const writer = new UploadWriter(id, storage, checks)
    const [marked, unmarked] = [chunk(), chunk()]
    markDisposable(marked)
    writer.write(marked)
    writer.write(unmarked)
    expect(marked.length).toBe(64 * 1024)
    await writer.end()
    expect(marked.length).toBe(0)
    expect(unmarked).toEqual(chunk())
    await storage.commit([{ id, name: 'a.bin' }])
    const stored = await storage.read('a.bin')
    expect(new Uint8Array(await new Response(stored?.body).arrayBuffer())).toEqual(new Uint8Array(128 * 1024).fill(7))
  })

  it('is given back with the slabs that short spans were packed into', async () => {
    const storage = memoryStorage()
    await storage.create(upload)
    const seen: Uint8Array[] = []
    const append: typeof storage.append = (...given) => {
      seen.push(...given[2])
      return Promise.resolve(storage.append(...given))
    }
    const writer = new UploadWriter(id, { append }, checks)
    const short = (index: number) => new Uint8Array(1024).fill(index % 251)
    for (let index = 0; index < 256; index++) writer.write(short(index))
    await writer.end()
    const lengths = seen.map(({ length }) => length)
    expect(lengths.filter(length => length === 0).length).toBeGreaterThan(1)
    await storage.commit([{ id, name: 'a.bin' }])
    const stored = await storage.read('a.bin')
    const all = Array.from({ length: 256 }, (_, index) => [...short(index)]).flat()
    expect([...new Uint8Array(await new Response(stored?.body).arrayBuffer())]).toEqual(all)
  })

  it('stays where only a part of the chunk was stored', () => {
    const whole = chunk()
    markDisposable(whole)
    release([whole.subarray(1)])
    expect(whole).toEqual(chunk())
  })

  it('is given back with the only span of a chunk that was read to its end', () => {
    const whole = chunk()
    markDisposable(whole)
    markSpent(whole)
    release([whole.subarray(1)])
    expect(whole.length).toBe(0)
  })

  it('is given back where ArrayBuffer has no transfer, as on Node 20', async () => {
    const transfer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'transfer') ?? {}
    Object.defineProperty(ArrayBuffer.prototype, 'transfer', { value: undefined, configurable: true })
    try {
      for (let round = 0; round < 512; round++) {
        const whole = chunk()
        markDisposable(whole)
        release([whole])
        expect(whole.length).toBe(0)
        // The other end of the port needs a turn of the loop to be closed.
        if (round === 0) await new Promise(resolve => setTimeout(resolve, 20))
      }
    } finally {
      Object.defineProperty(ArrayBuffer.prototype, 'transfer', transfer)
    }
    // 32 MiB went through; they did not wait for the collector.
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(16 * 1024 * 1024)
  })

  it('stays with a chunk that is not known to be ours alone', () => {
    const whole = chunk()
    markSpent(whole)
    release([whole])
    expect(whole).toEqual(chunk())
  })

  it('stays for whoever reads the chunks of a stream and keeps them', async () => {
    const storage = new StreamStorage()
    await storage.create(upload)
    const writer = new UploadWriter(id, storage, checks)
    const marked = chunk()
    markDisposable(marked)
    writer.write(marked)
    const end = Promise.resolve(writer.end()).then(() => storage.commit([{ id, name: 'a.bin' }]))
    const kept: Uint8Array[] = []
    for await (const span of storage.chunks()) kept.push(span)
    await end
    expect(kept).toEqual([chunk()])
  })
})
