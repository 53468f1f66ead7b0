/** Failures that no test machine can cause at will are put in front of the real file system. */
import type { FileHandle } from 'node:fs/promises'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../src/storages/disk/file-system.ts'
import { openDiskStorage } from '../../../../src/storages/disk/storage.ts'
import { begin, descriptorsIn, failure, store, tempFolder } from '../temp-folder.ts'

const bytes = Uint8Array.of(1, 2, 3)

/** The real file system with `fail` asked before each fsync, of a folder or of a file. */
function withSync(fail: (isFolder: boolean, handle: FileHandle) => Error | undefined): FileSystem {
  return {
    ...nodeFileSystem,
    async open(...args) {
      const handle = await nodeFileSystem.open(...args)
      const isFolder = (await handle.stat()).isDirectory()
      return new Proxy(handle, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property, target)
          if (property !== 'sync') return typeof value === 'function' ? value.bind(target) : value
          return async () => {
            const error = fail(isFolder, target)
            if (error) throw error
            await target.sync()
          }
        },
      })
    },
  }
}

test('a failed fsync of the file fails the upload, is not tried again and leaves nothing', async () => {
  const folder = await tempFolder()
  let syncs = 0
  const storage = openDiskStorage(
    folder,
    {},
    withSync(isFolder => {
      if (isFolder) return undefined
      syncs++
      return failure('EIO')
    }),
  )
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name: 'a' }])).rejects.toMatchObject({
    code: 'storage-failed',
    message: 'The file could not be saved.',
    cause: { code: 'EIO' },
  })
  await expect(storage.commit([{ id, name: 'a' }])).rejects.toMatchObject({ code: 'storage-failed' })
  await storage.remove(id)
  expect(syncs).toBe(1)
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  expect(await descriptorsIn(folder)).toEqual([])
})

test('a failed fsync of the folder takes the name back, and its handle is never asked again', async () => {
  const folder = await tempFolder()
  const failed: FileHandle[] = []
  let failures = 0
  const storage = openDiskStorage(
    folder,
    {},
    withSync((isFolder, handle) => {
      if (!isFolder) return undefined
      expect(failed).not.toContain(handle)
      if (failures-- <= 0) return undefined
      failed.push(handle)
      return failure('ENOSPC')
    }),
  )
  await storage.prepare()
  const baseline = await descriptorsIn(folder)
  failures = 2
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name: 'a' }])).rejects.toMatchObject({ code: 'storage-full', status: 507 })
  await storage.remove(id)
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await store(storage, 'a', bytes)).toBe('a')
  expect(failed).toHaveLength(2)
  expect((await descriptorsIn(folder)).length, 'the failed ones are closed').toBeLessThanOrEqual(baseline.length + 1)
})

test('a file system that cannot fsync folders is no failure', async () => {
  const folder = await tempFolder()
  const storage = openDiskStorage(
    folder,
    {},
    withSync(isFolder => (isFolder ? failure('EINVAL') : undefined)),
  )
  expect(await store(storage, 'a', bytes)).toBe('a')
})

test('when the third name of a list fails, the first two are taken back', async () => {
  const folder = await tempFolder()
  let links = 0
  const storage = openDiskStorage(
    folder,
    {},
    {
      ...nodeFileSystem,
      async link(from, to) {
        if (++links === 3) throw failure('EIO')
        await nodeFileSystem.link(from, to)
      },
    },
  )
  const list = []
  for (const name of ['a', 'b', 'c']) list.push({ id: await begin(storage, bytes), name })
  await expect(storage.commit(list)).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await readdir(folder)).toEqual(['.dropgate'])
  for (const { id } of list) await storage.remove(id)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  expect(await descriptorsIn(folder)).toEqual([])
})

test('a rename that fails where there are no hard links gives the reserved name back', async () => {
  const folder = await tempFolder()
  const storage = openDiskStorage(
    folder,
    {},
    {
      ...nodeFileSystem,
      link: () => Promise.reject(failure('ENOTSUP')),
      rename: () => Promise.reject(failure('EIO')),
    },
  )
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name: 'a' }])).rejects.toMatchObject({ code: 'storage-failed' })
  await storage.remove(id)
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('after a failed write the upload takes nothing more, and remove still cleans it up', async () => {
  const folder = await tempFolder()
  let broken = true
  const storage = openDiskStorage(
    folder,
    {},
    {
      ...nodeFileSystem,
      async open(...args) {
        if (!broken || !String(args[0]).endsWith('.tmp')) return nodeFileSystem.open(...args)
        broken = false
        throw failure('EMFILE')
      },
    },
  )
  const id = '5'.repeat(22)
  await storage.create({ id, name: 'a', type: '' })
  await expect(storage.append(id, 0, [bytes])).rejects.toMatchObject({ code: 'server-busy', status: 503 })
  await expect(storage.append(id, 0, [bytes])).rejects.toMatchObject({ code: 'storage-failed' })
  await expect(storage.commit([{ id, name: 'a' }])).rejects.toMatchObject({ code: 'storage-failed' })
  await storage.remove(id)
  expect(await storage.stat(id)).toBeUndefined()
  expect(await descriptorsIn(folder)).toEqual([])
  expect(await store(storage, 'a', bytes)).toBe('a')
})

test('a folder that cannot be opened fails the upload; the next one tries again', async () => {
  const folder = await tempFolder()
  let broken = true
  const storage = openDiskStorage(
    folder,
    {},
    {
      ...nodeFileSystem,
      async open(...args) {
        if (broken) throw failure('ENFILE')
        return nodeFileSystem.open(...args)
      },
    },
  )
  await expect(storage.prepare()).rejects.toMatchObject({ code: 'server-busy' })
  const id = '6'.repeat(22)
  await expect(storage.create({ id, name: 'a', type: '' })).rejects.toMatchObject({ code: 'server-busy' })
  expect(await storage.stat(id)).toBeUndefined()
  broken = false
  await storage.prepare()
  expect(await store(storage, 'a', bytes)).toBe('a')
})
