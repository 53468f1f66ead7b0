import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../src/storages/disk/file-system.ts'
import { type InlineCalls, inlineCalls, isLocal, smallFile } from '../../../../src/storages/disk/inline.ts'
import { type DiskStorageOptions, openDiskStorage } from '../../../../src/storages/disk/storage.ts'
import { failure, tempFolder } from '../temp-folder.ts'

const id = 'i'.repeat(32)
const facts = { id, name: 'a.bin', type: '' }

/** Which calls went which way: `pool open`, `inline link`. */
function watched(): { readonly fs: FileSystem; readonly inline: InlineCalls; readonly calls: string[] } {
  const calls: string[] = []
  const watch = <T extends object>(fs: T, way: string): T =>
    new Proxy(fs, {
      get(target, name) {
        const call: unknown = Reflect.get(target, name)
        if (typeof call !== 'function') return call
        return (...args: unknown[]) => {
          calls.push(`${way} ${String(name)}`)
          return call.apply(target, args)
        }
      },
    })
  return { fs: watch(nodeFileSystem, 'pool'), inline: watch(inlineCalls, 'inline'), calls }
}

async function save(size: number, options: DiskStorageOptions, last: boolean): Promise<readonly string[]> {
  const folder = await tempFolder()
  const { fs, inline, calls } = watched()
  const storage = openDiskStorage(folder, options, fs, inline)
  await storage.prepare()
  calls.length = 0
  const bytes = new Uint8Array(size).fill(7)
  await storage.create(facts)
  await storage.append(id, 0, [bytes.subarray(0, 1), bytes.subarray(1)], last)
  await storage.commit([{ id, name: 'a.bin' }])
  expect(new Uint8Array(await readFile(join(folder, 'a.bin')))).toEqual(bytes)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  return [...calls]
}

const inOneGo = ['inline writeWhole', 'inline stat', 'inline link', 'inline unlink']

test('a small file that comes whole needs no thread of the pool', async () => {
  expect(await save(smallFile, { durable: false }, true)).toEqual(inOneGo)
})

test.each([
  ['is larger', smallFile + 1, { durable: false }, true],
  ['may go on', smallFile, { durable: false }, false],
  ['must be durable', smallFile, { durable: true }, true],
] as const)('a file that %s takes the long way', async (_why, size, options, last) => {
  expect((await save(size, options, last)).filter(call => call.startsWith('inline'))).toEqual([])
})

test('several files of one request get their names in the same way, and their journal; a taken name goes the long way', async () => {
  const folder = await tempFolder()
  const { fs, inline, calls } = watched()
  const storage = openDiskStorage(folder, { durable: false }, fs, inline)
  const ids = ['a', 'b', 'c'].map(letter => letter.repeat(32))
  for (const each of ids) {
    await storage.create({ ...facts, id: each })
    await storage.append(each, 0, [Uint8Array.of(1)], true)
  }
  calls.length = 0
  await storage.commit(ids.map((each, index) => ({ id: each, name: index === 0 ? 'other.bin' : 'same.bin' })))
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', 'other.bin', 'same (1).bin', 'same.bin'])
  // The first two get free names; the third finds its name taken, and the number after it. The journal is unlinked.
  expect(calls.filter(call => call.endsWith('link') && call.startsWith('pool'))).toEqual([
    'pool link',
    'pool link',
    'pool unlink',
  ])
})

test('a disk that is full in the middle of it leaves nothing', async () => {
  const folder = await tempFolder()
  let tries = 0
  const inline: InlineCalls = {
    ...inlineCalls,
    writeWhole(path, mode) {
      tries++
      // What can not be written fails when the file is open, as a full disk does.
      return inlineCalls.writeWhole(path, mode, [{ byteLength: 1 } as Uint8Array])
    },
  }
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: async (path, flags, mode) => {
      if (tries > 0) throw failure('ENOSPC')
      return nodeFileSystem.open(path, flags, mode)
    },
  }
  const storage = openDiskStorage(folder, { durable: false }, fs, inline)
  await storage.prepare()
  await storage.create(facts)
  await expect(storage.append(id, 0, [Uint8Array.of(1)], true)).rejects.toMatchObject({ code: 'storage-full' })
  await storage.remove(id)
  expect(tries).toBe(1)
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('a folder that was deleted is made again', async () => {
  const folder = await tempFolder()
  const storage = openDiskStorage(folder, { durable: false }, nodeFileSystem, inlineCalls)
  await storage.prepare()
  await rm(folder, { recursive: true })
  await storage.create(facts)
  await storage.append(id, 0, [Uint8Array.of(1, 2)], true)
  await storage.commit([{ id, name: 'a.bin' }])
  expect([...(await readFile(join(folder, 'a.bin')))]).toEqual([1, 2])
})

test('only file systems that are known to be local count as such', async () => {
  expect(await isLocal(await tempFolder())).toBe(process.platform === 'linux')
  expect(await isLocal('/proc').catch(() => false)).toBe(false)
})
