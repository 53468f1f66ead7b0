import type { FileHandle } from 'node:fs/promises'
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import { diskStorage, openDiskStorage } from '../../../../../src/storages/disk/storage.ts'
import { descriptorsIn, failure, tempFolder } from '../../temp-folder.ts'

const id = 'resumable-upload-of-test'
const bytes = Uint8Array.of(1, 2, 3, 4)

/** The real file system with `fail` asked before each fdatasync of a file with this ending. */
function withDataSync(fail: (path: string) => Error | undefined): FileSystem {
  return {
    ...nodeFileSystem,
    async open(path, ...args) {
      const handle: FileHandle = await nodeFileSystem.open(path, ...args)
      return new Proxy(handle, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property, target)
          if (property !== 'datasync') return typeof value === 'function' ? value.bind(target) : value
          return async () => {
            const error = fail(String(path))
            if (error) throw error
            await target.datasync()
          }
        },
      })
    },
  }
}

test('a commit that was interrupted before its save gives the same file again', async () => {
  const folder = await tempFolder()
  const { resumable } = diskStorage(folder)
  await resumable.create(id, 'open')
  await resumable.write(id, 0, [bytes])
  await resumable.save(id, 'whole')
  const item = { id, name: 'a.bin', size: 4 }
  const [file] = await resumable.commit([item])

  const again = diskStorage(folder).resumable
  expect(await again.load(id)).toBe('whole')
  await expect(again.write(id, 0, [Uint8Array.of(9)])).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await again.commit([item])).toEqual([file])
  await again.save(id, 'finished')
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', 'a.bin'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([`${id}.record`])
  expect(new Uint8Array(await readFile(join(folder, 'a.bin')))).toEqual(bytes)
})

test('a second name of the bytes outside the folder does not count as committed', async () => {
  const folder = await tempFolder()
  const elsewhere = await tempFolder()
  const { resumable } = diskStorage(folder)
  await resumable.create(id, '')
  await link(join(folder, '.dropgate', `${id}.data`), join(elsewhere, 'backup'))
  await resumable.write(id, 0, [bytes])
  expect(await resumable.commit([{ id, name: 'a.bin', size: 4 }])).toMatchObject([{ name: 'a.bin' }])
})

test.each(['data', 'record'])('after a failed fsync of the %s nothing goes on before a load', async ending => {
  const folder = await tempFolder()
  let failures = 0
  const fs = withDataSync(path => (path.endsWith(`.${ending}`) && failures-- > 0 ? failure('EIO') : undefined))
  const { resumable } = openDiskStorage(folder, {}, fs)
  await resumable.create(id, 'old')
  await resumable.write(id, 0, [bytes])
  failures = 1
  await expect(resumable.save(id, 'new')).rejects.toMatchObject({ code: 'storage-failed', cause: { code: 'EIO' } })
  for (const call of [
    resumable.save(id, 'new'),
    resumable.write(id, 0, [bytes]),
    resumable.commit([{ id, name: 'a', size: 4 }]),
  ]) {
    await expect(call).rejects.toMatchObject({ code: 'storage-failed' })
  }
  const { ino } = await stat(join(folder, '.dropgate', `${id}.record`))
  expect(await resumable.load(id)).toBe(ending === 'data' ? 'old' : 'new')
  // What is doubtful is written to a new file.
  expect((await stat(join(folder, '.dropgate', `${id}.record`))).ino === ino).toBe(ending === 'data')
  await resumable.write(id, 0, [bytes])
  await resumable.save(id, 'newer')
  expect(await resumable.load(id)).toBe('newer')
})

test('the order of a save is bytes, then record', async () => {
  const folder = await tempFolder()
  const synced: string[] = []
  const fs = withDataSync(path => {
    synced.push(path.slice(path.lastIndexOf('.') + 1))
    return undefined
  })
  const { resumable } = openDiskStorage(folder, {}, fs)
  await resumable.create(id, '')
  await resumable.write(id, 0, [bytes])
  await resumable.save(id, '1')
  await resumable.save(id, '2')
  expect(synced).toEqual(['data', 'record', 'record'])
  await openDiskStorage(folder, { durable: false }, fs).resumable.save(id, '3')
  expect(synced).toHaveLength(3)
})

test('a few hundred open uploads hold a bounded number of descriptors, and all go on', {
  timeout: 60_000,
}, async () => {
  const folder = await tempFolder()
  const { resumable } = diskStorage(folder, { durable: false })
  const ids = Array.from({ length: 300 }, (_, number) => `${number}`.padStart(24, '0'))
  for (const one of ids) {
    await resumable.create(one, one)
    await resumable.write(one, 0, [bytes])
  }
  expect((await descriptorsIn(folder)).filter(path => path.endsWith('.data'))).toHaveLength(256)
  await Promise.all(ids.map(one => resumable.write(one, 4, [bytes])))
  for (const one of ids) {
    expect(await resumable.readAt(one, 0, 10)).toHaveLength(8)
    await resumable.release(one)
  }
  expect(await descriptorsIn(folder)).toEqual([])
})

test('bytes whose record is gone are swept; resumables and strangers stay', async () => {
  const folder = await tempFolder()
  const hidden = join(folder, '.dropgate')
  const { resumable } = diskStorage(folder)
  await resumable.create(id, '')
  await resumable.release(id)
  await writeFile(join(hidden, `${'gone'.padEnd(24, '-')}.data`), 'x')
  await writeFile(join(hidden, 'notes.data'), 'x')
  await diskStorage(folder).prepare()
  expect((await readdir(hidden)).sort()).toEqual(['notes.data', `${id}.data`, `${id}.record`])
})

test('a spoiled record is no record, and the listing passes over it', async () => {
  const folder = await tempFolder()
  const { resumable } = diskStorage(folder)
  await resumable.create(id, 'a')
  await writeFile(join(folder, '.dropgate', `${id}.record`), 'nonsense')
  expect(await resumable.load(id)).toBeUndefined()
  for await (const found of resumable.records()) expect(found).toBeUndefined()
  await resumable.remove(id)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test.each(['', '../../etc/passwd', 'short', `${'x'.repeat(65)}`])('the id %j reaches no file', async bad => {
  const { resumable } = diskStorage(await tempFolder())
  await expect(resumable.create(bad, '')).rejects.toMatchObject({ code: 'storage-failed' })
  await expect(resumable.write(bad, 0, [bytes])).rejects.toMatchObject({ code: 'storage-failed' })
  await expect(resumable.readAt(bad, 0, 1)).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await resumable.load(bad)).toBeUndefined()
  await resumable.remove(bad)
})

test('a visible name with a path is refused', async () => {
  const { resumable } = diskStorage(await tempFolder())
  await resumable.create(id, '')
  await expect(resumable.commit([{ id, name: '../a', size: 0 }])).rejects.toMatchObject({ code: 'name-not-allowed' })
})

test('at another place, descriptors are given back after the last release', async () => {
  const folder = await tempFolder()
  const there = join(await tempFolder(), 'there')
  const { resumable } = diskStorage(folder).at(there)
  if (!resumable) throw new Error('no capability')
  await resumable.create(id, 'a')
  await resumable.write(id, 0, [bytes])
  expect((await descriptorsIn(there)).length).toBeGreaterThan(0)
  await resumable.release(id)
  expect(await descriptorsIn(there)).toEqual([])
})
