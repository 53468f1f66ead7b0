/** The disk storage with a helper: the real one, and some that do as they like. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import { smallFile } from '../../../../../src/storages/disk/inline.ts'
import type { CommitItem } from '../../../../../src/upload/ports.ts'
import { failure } from '../../temp-folder.ts'
import {
  bytesOf,
  expectFiles,
  expectNothing,
  expectTold,
  helpers,
  makeReal,
  namesOf,
  openMany,
  placeWith,
} from './place.ts'

beforeAll(makeReal)

describe.each(helpers)('with %s', (_, make) => {
  test('500 files of one request get their bytes and their names', async () => {
    const { folder, storage, helper } = await placeWith(make())
    const names = namesOf(500)
    const list = await openMany(storage, names)
    const files = await storage.commit(list)
    expect(files.map(({ id, name }) => ({ id, name }))).toEqual(list)
    expect(files.map(({ size }) => size)).toEqual(names.map((_, index) => bytesOf(index).length))
    await expectFiles(folder, names)
    await expectTold(storage, files)
    expect(helper.taken.write).toBeGreaterThan(0)
  })

  test('files of one name all keep their bytes, under names of their own', async () => {
    const { folder, storage } = await placeWith(make())
    const files = await storage.commit(await openMany(storage, new Array(40).fill('same.txt')))
    const numbered = Array.from({ length: 39 }, (_, index) => `same (${index + 1}).txt`)
    const names = files.map(({ name }) => name)
    expect([...names].sort()).toEqual(['same.txt', ...numbered].sort())
    await expectFiles(folder, names)
  })

  test('a name that exists stays with its file', async () => {
    const { folder, storage } = await placeWith(make())
    const names = namesOf(40)
    for (const name of names.slice(10, 20)) await writeFile(join(folder, name), 'before')
    const files = await storage.commit(await openMany(storage, names))
    const wanted = names.map((name, index) => (index < 10 || index >= 20 ? name : name.replace('.bin', ' (1).bin')))
    expect(files.map(({ name }) => name)).toEqual(wanted)
    await expectFiles(folder, wanted, names.slice(10, 20))
    for (const name of names.slice(10, 20)) expect(await readFile(join(folder, name), 'utf8')).toBe('before')
    await expectTold(storage, files)
  })

  test('files committed one by one, all at once, get their bytes and their names', async () => {
    const { folder, storage } = await placeWith(make())
    const names = namesOf(200)
    const list = await openMany(storage, names)
    const files = (await Promise.all(list.map(item => storage.commit([item])))).flat()
    expect(files.map(({ id, name }) => ({ id, name }))).toEqual(list)
    await expectFiles(folder, names)
    await expectTold(storage, files)
  })

  test('files committed one by one under one name all keep their bytes', async () => {
    const { folder, storage } = await placeWith(make())
    const list = await openMany(storage, new Array(40).fill('same.txt'))
    const files = (await Promise.all(list.map(item => storage.commit([item])))).flat()
    expect(new Set(files.map(({ name }) => name)).size).toBe(40)
    await expectFiles(
      folder,
      files.map(({ name }) => name),
    )
  })

  test('what has no name yet can be read, also several times at once, and committed afterwards', async () => {
    const { folder, storage } = await placeWith(make())
    const names = namesOf(30)
    const list = await openMany(storage, names)
    const parts = await Promise.all(
      list.flatMap(({ id }) => [storage.readAt?.(id, 0, smallFile + 1), storage.readAt?.(id, 3, 10)]),
    )
    for (const [index] of list.entries()) {
      expect(Buffer.compare(parts[2 * index] as Uint8Array, bytesOf(index))).toBe(0)
      expect([...(parts[2 * index + 1] as Uint8Array)]).toEqual([...bytesOf(index).subarray(3, 13)])
    }
    await expectTold(storage, await storage.commit(list))
    await expectFiles(folder, names)
  })

  test('what is removed while its bytes are on their way leaves nothing', async () => {
    const { folder, storage } = await placeWith(make())
    const list = await openMany(storage, namesOf(40))
    await Promise.all(list.map(({ id }) => storage.remove(id)))
    await expectNothing(folder)
    await expect(storage.commit([list[0] as CommitItem])).rejects.toMatchObject({ code: 'storage-failed' })
  })

  test('what is removed while it is read leaves nothing', async () => {
    const { folder, storage } = await placeWith(make())
    const list = await openMany(storage, namesOf(40))
    const reading = list.map(({ id }) => storage.readAt?.(id, 0, 10))
    await Promise.all([...list.map(({ id }) => storage.remove(id)), Promise.allSettled(reading)])
    await expectNothing(folder)
  })

  test('what is removed while it gets its name is a file, or nothing', async () => {
    const { folder, storage } = await placeWith(make())
    const names = namesOf(40)
    const list = await openMany(storage, names)
    const committing = Promise.allSettled(list.map(item => storage.commit([item])))
    await Promise.all(list.map(({ id }) => storage.remove(id)))
    const given = (await committing).flatMap(result => (result.status === 'fulfilled' ? result.value : []))
    expect((await readdir(folder)).sort()).toEqual(['.dropgate', ...given.map(({ name }) => name)].sort())
    expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  })

  test('a folder that was deleted before the bytes is made again', async () => {
    const { folder, storage } = await placeWith(make())
    await rm(folder, { recursive: true })
    const names = namesOf(60)
    const files = await storage.commit(await openMany(storage, names))
    await expectFiles(folder, names)
    await expectTold(storage, files)
  })

  test('a folder that is not at its path any more gets no names', async () => {
    const { folder, storage } = await placeWith(make())
    const list = await openMany(storage, namesOf(40))
    const away = `${folder}-away`
    await rename(folder, away)
    onTestFinished(() => rm(away, { recursive: true, force: true }))
    await mkdir(folder)
    await expect(storage.commit(list.slice(0, 20))).rejects.toMatchObject({ code: 'storage-failed' })
    for (const item of list.slice(20))
      await expect(storage.commit([item])).rejects.toMatchObject({ code: 'storage-failed' })
    for (const { id } of list) await storage.remove(id)
    await expectNothing(away)
    expect(await readdir(folder)).toEqual([])
  })

  test('a list that fails gets no name, and leaves nothing', async () => {
    let broken = false
    const fs: FileSystem = {
      ...nodeFileSystem,
      async link(from, to) {
        // Only what finds its name taken comes here, where the others have theirs.
        if (broken) throw failure('EIO')
        await nodeFileSystem.link(from, to)
      },
    }
    const { folder, storage } = await placeWith(make(), fs)
    const names = namesOf(20)
    await writeFile(join(folder, names[19] ?? ''), 'before')
    const list = await openMany(storage, names)
    broken = true
    await expect(storage.commit(list)).rejects.toMatchObject({ code: 'storage-failed', cause: { code: 'EIO' } })
    expect((await readdir(folder)).sort()).toEqual(['.dropgate', names[19]])
    await Promise.all(list.map(({ id }) => storage.remove(id)))
    expect(await readdir(join(folder, '.dropgate'))).toEqual([])
    // The storage goes on.
    broken = false
    await rm(join(folder, names[19] ?? ''))
    await storage.commit(await openMany(storage, names))
    await expectFiles(folder, names)
  })
})
