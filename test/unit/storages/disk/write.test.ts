import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstBatch, maxWriteBytes, without, writeSpans } from '../../../../src/storages/disk/write.ts'
import { tempFolder } from '../temp-folder.ts'

test('a batch holds at most 1 MiB and the last span is cut', () => {
  const batch = firstBatch([new Uint8Array(maxWriteBytes - 10), new Uint8Array(30), new Uint8Array(5)])
  expect(batch.map(span => span.byteLength)).toEqual([maxWriteBytes - 10, 10])
})

test('a batch holds at most 1024 spans', () => {
  expect(firstBatch(Array.from({ length: 2000 }, () => new Uint8Array(1)))).toHaveLength(1024)
})

test('what is left after any number of bytes is the rest of the bytes', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(lengths, fc.nat(), (sizes, cut) => {
      let next = 0
      const spans = sizes.map(size => Uint8Array.from({ length: size }, () => next++))
      const count = cut % (next + 1)
      expect([...Buffer.concat(without(spans, count))]).toEqual([...Buffer.concat(spans)].slice(count))
    }),
  )
})

test('short writes are continued where they stopped', async () => {
  const path = join(await tempFolder(), 'file')
  const spans = [700, 1, 0, 299_999].map((length, seed) => Uint8Array.from({ length }, (_, at) => at * 7 + seed))
  const real = await open(path, 'wx')
  const sizes: number[] = []
  // The real file, but each write takes a third of what it is given, as a system call may.
  const short = new Proxy(real, {
    get(target, property) {
      if (property !== 'writev') return Reflect.get(target, property, target)
      return async (batch: Uint8Array[], position: number) => {
        const bytes = Buffer.concat(batch)
        sizes.push(bytes.byteLength)
        return target.write(bytes, 0, Math.ceil(bytes.byteLength / 3), position)
      }
    },
  })
  await writeSpans(short, spans, 0)
  await real.close()
  expect(sizes.length).toBeGreaterThan(10)
  expect(Buffer.compare(await readFile(path), Buffer.concat(spans))).toBe(0)
})

test('a file system that accepts no byte is a failure, not an endless loop', async () => {
  const real = await open(join(await tempFolder(), 'file'), 'wx')
  const stuck = new Proxy(real, { get: () => async () => ({ bytesWritten: 0 }) })
  await expect(writeSpans(stuck, [new Uint8Array(1)], 0)).rejects.toThrow('accepted no byte')
  await real.close()
})
