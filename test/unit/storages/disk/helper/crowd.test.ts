/** The disk storage with a helper: when it is asked, and what goes wrong. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import type { Helper } from '../../../../../src/storages/disk/helper/helper.ts'
import { inlineCalls, smallFile } from '../../../../../src/storages/disk/inline.ts'
import { type DiskStorage, openDiskStorage } from '../../../../../src/storages/disk/storage.ts'
import type { CommitItem } from '../../../../../src/upload/ports.ts'
import { failure, tempFolder } from '../../temp-folder.ts'
import {
  crowd,
  expectFiles,
  expectNothing,
  expectTold,
  makeReal,
  namesOf,
  newId,
  openMany,
  placeWith,
} from './place.ts'
import { counted, namesNothing, prompt, writesNothing } from './tools.ts'

let real: Helper

beforeAll(async () => {
  real = await makeReal()
})

test('few uploads at a time need no helper', async () => {
  const { folder, storage, helper } = await placeWith(prompt())
  await storage.commit(await openMany(storage, namesOf(crowd - 1)))
  expect(helper.taken).toMatchObject({ write: 0, move: 0 })
  await expectFiles(folder, namesOf(crowd - 1))
})

test('a crowd has the helper write, link and unlink; one by one, it moves', async () => {
  const { storage, helper } = await placeWith(prompt())
  await storage.commit(await openMany(storage, namesOf(crowd)))
  expect(helper.taken).toEqual({ write: crowd, link: crowd, unlink: crowd, move: 0 })
  const others = await openMany(
    storage,
    namesOf(crowd).map(name => `other ${name}`),
  )
  await Promise.all(others.map(item => storage.commit([item])))
  expect(helper.taken).toEqual({ write: 2 * crowd, link: crowd, unlink: crowd, move: crowd })
})

test('what must be durable, is large or comes in pieces is none of its business', async () => {
  const folder = await tempFolder()
  const helper = counted(prompt())
  const fill = async (storage: DiskStorage, bytes: Uint8Array, last: boolean) => {
    const list = Array.from({ length: crowd }, () => ({ id: newId(), name: 'a.bin' }))
    for (const { id, name } of list) await storage.create({ id, name, type: '' })
    for (const { id } of list) await storage.append(id, 0, [bytes], last)
    for (const { id } of list) await storage.remove(id)
  }
  const few = Uint8Array.of(1)
  await fill(openDiskStorage(folder, { durable: true }, nodeFileSystem, inlineCalls, helper), few, true)
  const storage = openDiskStorage(folder, { durable: false }, nodeFileSystem, inlineCalls, helper)
  await storage.prepare()
  await fill(storage, few, false)
  await fill(storage, new Uint8Array(smallFile + 1), true)
  expect(helper.taken).toEqual({ write: 0, link: 0, unlink: 0, move: 0 })
  await fill(storage, few, true)
  expect(helper.taken.write).toBe(crowd)
})

test('the first file of a name gets it, also from a helper that takes its time; the others get numbers in their order', async () => {
  const { folder, storage } = await placeWith({
    ...prompt(),
    async link(from, to) {
      await sleep(50)
      return prompt().link(from, to) ?? false
    },
  })
  const files = await storage.commit(await openMany(storage, new Array(crowd).fill('same.txt')))
  const names = files.map(({ name }) => name)
  await expectFiles(folder, names)
  expect(names).toEqual(Array.from({ length: crowd }, (_, index) => (index === 0 ? 'same.txt' : `same (${index}).txt`)))
})

test('with the real thread the first file of each name gets it', async () => {
  const { folder, storage } = await placeWith(real)
  // Pairs, so that each second one comes while the first may be on its way.
  const wanted = Array.from({ length: 200 }, (_, index) => `pair ${index >> 1}.txt`)
  const names = (await storage.commit(await openMany(storage, wanted))).map(({ name }) => name)
  await expectFiles(folder, names)
  expect(names).toEqual(wanted.map((name, index) => (index % 2 === 0 ? name : name.replace('.txt', ' (1).txt'))))
})

test('a remove waits for the name that the helper is about to give, and leaves the file alone', async () => {
  let give = () => {}
  const given = new Promise<void>(resolve => {
    give = resolve
  })
  const { folder, storage } = await placeWith({
    ...prompt(),
    async move(from, to) {
      await given
      return prompt().move(from, to) ?? false
    },
  })
  const [item, ...others] = (await openMany(storage, namesOf(crowd))) as [CommitItem, ...CommitItem[]]
  await Promise.all(others.map(({ id }) => storage.remove(id)))
  const committing = storage.commit([item])
  const removing = storage.remove(item.id)
  await sleep(30)
  give()
  await removing
  await expectTold(storage, await committing)
  await expectFiles(folder, [item.name])
})

test('a disk that is full is told at the commit, and nothing is left', async () => {
  const full: FileSystem = {
    ...nodeFileSystem,
    open: (path, ...args) =>
      String(path).endsWith('.tmp') ? Promise.reject(failure('ENOSPC')) : nodeFileSystem.open(path, ...args),
  }
  const { folder, storage } = await placeWith(writesNothing(), full)
  const list = await openMany(storage, namesOf(40))
  await expect(storage.commit(list.slice(0, 20))).rejects.toMatchObject({ code: 'storage-full' })
  for (const item of list.slice(20, 30)) {
    await expect(storage.commit([item])).rejects.toMatchObject({ code: 'storage-full' })
  }
  for (const { id } of list.slice(30)) {
    await expect(storage.readAt?.(id, 0, 1)).rejects.toMatchObject({ code: 'storage-full' })
  }
  for (const item of list.slice(30)) {
    await expect(storage.commit([item])).rejects.toMatchObject({ code: 'storage-full' })
  }
  await Promise.all(list.map(({ id }) => storage.remove(id)))
  await expectNothing(folder)
})

test('what a dead thread has left of a file is not taken for the file', async () => {
  const { folder, storage } = await placeWith({
    ...writesNothing(),
    async write(path, mode, spans) {
      const unwritten = new Uint8Array(Buffer.concat(spans))
      await writeFile(path, 'a part', { mode, flag: 'wx' })
      return { unwritten }
    },
  })
  const names = namesOf(40)
  const list = await openMany(storage, names)
  await Promise.all(list.slice(30).map(({ id }) => storage.remove(id)))
  await storage.commit(list.slice(0, 20))
  for (const item of list.slice(20, 30)) await storage.commit([item])
  await expectFiles(folder, names.slice(0, 30))
})

/** Node ends a process for each of these; they are noted here instead. */
function unhandled(): readonly unknown[] {
  const reasons: unknown[] = []
  const note = (reason: unknown) => reasons.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  return reasons
}

test('a name that fails while the list goes on fails the commit, and not the process', async () => {
  const reasons = unhandled()
  const { folder, storage } = await placeWith(namesNothing(), {
    ...nodeFileSystem,
    link: (from, to) =>
      String(to).endsWith('file 0 ü.bin') ? Promise.reject(failure('EIO')) : nodeFileSystem.link(from, to),
  })
  // So many that the list pauses for others before it is through.
  const list = await openMany(storage, namesOf(200))
  await expect(storage.commit(list)).rejects.toMatchObject({ code: 'storage-failed', cause: { code: 'EIO' } })
  await Promise.all(list.map(({ id }) => storage.remove(id)))
  await expectNothing(folder)
  expect(reasons).toEqual([])
})

test('with the real thread a name that the system refuses fails the commit, and not the process', async () => {
  const reasons = unhandled()
  const { folder, storage } = await placeWith(real)
  const list = await openMany(storage, ['é'.repeat(200), ...namesOf(500)])
  await expect(storage.commit(list)).rejects.toMatchObject({ code: 'name-not-allowed' })
  await Promise.all(list.map(({ id }) => storage.remove(id)))
  await expectNothing(folder)
  expect(reasons).toEqual([])
})

test('uploads of two folders share a helper', async () => {
  const { folder, storage, helper } = await placeWith(real)
  const elsewhere = join(folder, 'other')
  const there = storage.at(elsewhere)
  const names = namesOf(100)
  const [here, others] = await Promise.all([openMany(storage, names), openMany(there, names)])
  await Promise.all([storage.commit(here), there.commit(others)])
  await expectFiles(elsewhere, names)
  await rm(elsewhere, { recursive: true })
  await expectFiles(folder, names)
  expect(helper.taken.write).toBeGreaterThan(0)
})
