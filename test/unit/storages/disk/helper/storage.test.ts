/** The disk storage with a helper: the real one, and some that do as they like. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import type { Helper } from '../../../../../src/storages/disk/helper/helper.ts'
import { inlineCalls, smallFile } from '../../../../../src/storages/disk/inline.ts'
import { type DiskStorage, openDiskStorage } from '../../../../../src/storages/disk/storage.ts'
import { type StorageHarness, testStorage } from '../../../../../src/testing.ts'
import type { CommitItem, StoredFile } from '../../../../../src/upload/ports.ts'
import { failure, tempFolder } from '../../temp-folder.ts'
import { type Counted, counted, diesAfter, late, namesNothing, prompt, running, writesNothing } from './tools.ts'

let real: Helper

beforeAll(async () => {
  real = await running()
})

const helpers: readonly (readonly [name: string, make: () => Helper])[] = [
  ['the real thread', () => real],
  ['a prompt helper', prompt],
  ['a late helper', late],
  ['a helper that writes nothing', writesNothing],
  ['a helper that names nothing', namesNothing],
  ['a helper that dies among the bytes', () => diesAfter(30)],
  ['a helper that dies among the names', () => diesAfter(510)],
]

/** Uploads under way from which on the helper is asked. */
const crowd = 17

interface Place {
  readonly folder: string
  readonly storage: DiskStorage
  readonly helper: Counted
}

async function placeWith(helper: Helper, fs: FileSystem = nodeFileSystem): Promise<Place> {
  const folder = await tempFolder()
  const watched = counted(helper)
  const storage = openDiskStorage(folder, { durable: false }, fs, inlineCalls, watched)
  await storage.prepare()
  return { folder, storage, helper: watched }
}

let ids = 0

function newId(): string {
  return `h${++ids}`.padEnd(22, '-')
}

/** Different for each index, in size and content. */
function bytesOf(index: number): Uint8Array {
  const size = index % 50 === 49 ? smallFile : (index * 37) % 3000
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + index * 7) % 256)
}

/** So many uploads at once, each complete in one append of two spans whose memory is used again. */
async function openMany(storage: DiskStorage, names: readonly string[]): Promise<CommitItem[]> {
  const list = names.map(name => ({ id: newId(), name }))
  for (const { id, name } of list) await storage.create({ id, name, type: '' })
  for (const [index, { id }] of list.entries()) {
    const bytes = bytesOf(index)
    const middle = bytes.length >> 1
    await storage.append(id, 0, [bytes.subarray(0, middle), bytes.subarray(middle)], true)
    bytes.fill(0xee)
  }
  return list
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `file ${index} ü.bin`)
}

/** What lies there: these names with the bytes of their places in the list, and no temporary. */
async function expectFiles(folder: string, names: readonly string[], others: readonly string[] = []): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', ...names, ...others].sort())
  for (const [index, name] of names.entries()) {
    const isSame = Buffer.compare(await readFile(join(folder, name)), bytesOf(index)) === 0
    expect(isSame, `the bytes of ${name}`).toBe(true)
  }
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
}

async function expectNothing(folder: string): Promise<void> {
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
}

/** What a commit tells of each file is what a reader finds. */
async function expectTold(storage: DiskStorage, files: readonly StoredFile[]): Promise<void> {
  for (const { name, size, tag } of files) {
    const found = await storage.read(name)
    await found?.body.cancel()
    expect({ name, size, tag }).toEqual({ name: found?.name, size: found?.size, tag: found?.tag })
    expect(tag).not.toBe('')
  }
}

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

describe('the contract, with a crowd of uploads that wait', () => {
  const uses: Counted[] = []

  async function crowded(helper: Helper): Promise<StorageHarness> {
    const root = await tempFolder()
    const folder = join(root, 'store')
    const watched = counted(helper)
    uses.push(watched)
    const open = () => openDiskStorage(folder, { durable: false }, nodeFileSystem, inlineCalls, watched)
    const storage = open()
    await storage.prepare()
    for (let count = 1; count < crowd; count++) await storage.create({ id: newId(), name: 'waits', type: '' })
    const readBack = (name: string) =>
      readFile(join(folder, name)).then(
        bytes => new Uint8Array(bytes),
        () => undefined,
      )
    const visible = async () => (await readdir(folder)).filter(name => name !== '.dropgate')
    return { storage, readBack, visible, reopen: async () => open() }
  }

  const skipped = ['resolves a commit when it is durable', 'stores at another place']

  // One that dies is the event loop alone from then on, which has its own run of the contract.
  const lasting = helpers.filter(([name]) => !name.includes('dies'))

  for (const [helperName, make] of lasting) {
    for (const { name, run } of testStorage(() => crowded(make()))) {
      test(`${helperName}: ${name}`, async () =>
        expect(await run()).toBe(skipped.includes(name) ? 'skipped' : 'passed'))
    }
  }

  afterAll(() => {
    // A contract that the helper has nothing to do with would prove nothing of it.
    expect(uses.filter(({ taken }) => taken.write > 0 && taken.move > 0).length).toBeGreaterThan(5 * lasting.length)
  })
})
