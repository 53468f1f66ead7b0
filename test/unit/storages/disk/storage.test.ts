import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskStorage } from '../../../../src/disk.ts'
import { OptionError } from '../../../../src/sansio/option-error.ts'
import { openDiskStorage } from '../../../../src/storages/disk/storage.ts'
import { recordingFileSystem } from '../../../conformance/recording-file-system.ts'
import { begin, descriptorsIn, store, tempFolder } from '../temp-folder.ts'

// What every storage promises is in test/conformance.

const bytes = Uint8Array.of(1, 2, 3)

test('files are 0600, and the folders we make 0700', async () => {
  const root = await tempFolder()
  const folder = join(root, 'a', 'b')
  const storage = diskStorage(folder)
  await storage.prepare()
  const id = await begin(storage, bytes)
  const [temporary] = await readdir(join(folder, '.dropgate'))
  expect(await modeOf(join(folder, '.dropgate', temporary ?? ''))).toBe('600')
  await storage.commit([{ id, name: 'a.bin' }])
  expect(await modeOf(join(folder, 'a.bin'))).toBe('600')
  for (const made of ['a', 'a/b', 'a/b/.dropgate']) expect(await modeOf(join(root, made))).toBe('700')
})

test('mode: 0o640 gives files 0640 and folders 0750; the hidden folder stays ours alone', async () => {
  const folder = join(await tempFolder(), 'store')
  const storage = diskStorage(folder, { mode: 0o640 })
  await store(storage, 'a.bin', bytes)
  expect(await modeOf(join(folder, 'a.bin'))).toBe('640')
  expect(await modeOf(folder)).toBe('750')
  expect(await modeOf(join(folder, '.dropgate'))).toBe('700')
})

test('the order is write, fsync file, link, unlink, fsync folder', async () => {
  const { fileSystem, journal } = recordingFileSystem()
  const storage = openDiskStorage(await tempFolder(), {}, fileSystem)
  await storage.prepare()
  journal.length = 0
  await store(storage, 'a.bin', bytes)
  const steps = journal.map(step => step.replace(/\S+\.tmp$/, 'temporary'))
  expect(steps).toEqual(['write temporary', 'sync temporary', 'link a.bin', 'unlink temporary', 'sync folder'])
})

test('durable: false never calls fsync', async () => {
  const { fileSystem, journal } = recordingFileSystem()
  const storage = openDiskStorage(join(await tempFolder(), 'made'), { durable: false }, fileSystem)
  await storage.prepare()
  await store(storage, 'a.bin', bytes)
  expect(journal.filter(step => step.startsWith('sync'))).toEqual([])
})

test('folders we make are fsynced together with the one they stand in', async () => {
  const { fileSystem, journal } = recordingFileSystem()
  await openDiskStorage(join(await tempFolder(), 'a', 'b'), {}, fileSystem).prepare()
  expect(journal).toEqual(['sync folder', 'sync folder', 'sync folder', 'sync folder'])
})

test('nothing is written before the first byte comes', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.create({ id: 'x'.repeat(22), name: 'a', type: '' })
  await storage.append('x'.repeat(22), 0, [new Uint8Array()])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test.each(['', '.', '..', '.htaccess', '../a', 'a/b', 'a\\b', 'a\0b'])('the name %j is refused', async name => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name }])).rejects.toMatchObject({ code: 'name-not-allowed', status: 400 })
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await storage.read(name)).toBeUndefined()
})

test.each(['', 'short', '../../../../../../etc/x', `${'x'.repeat(22)}.tmp`, 'x'.repeat(65)])(
  'the id %j is refused',
  async id => {
    const storage = diskStorage(await tempFolder())
    await expect(storage.create({ id, name: 'a', type: '' })).rejects.toMatchObject({ code: 'storage-failed' })
  },
)

test('a name too long for the file system is refused in words and removed', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name: 'x'.repeat(300) }])).rejects.toMatchObject({ code: 'name-not-allowed' })
  await storage.remove(id)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('row 46: 100 uploads racing for one name give 100 whole files', async () => {
  const folder = await tempFolder()
  const { fileSystem, journal } = recordingFileSystem()
  const storage = openDiskStorage(folder, {}, fileSystem)
  await storage.prepare()
  journal.length = 0
  const contents = Array.from({ length: 100 }, (_, at) => Buffer.alloc(10_000 + at, `upload ${at};`))
  const names = await Promise.all(contents.map(content => store(storage, 'photo.jpg', content)))
  expect(new Set(names).size).toBe(100)
  expect([...names].sort()).toEqual((await readdir(folder)).filter(name => name !== '.dropgate').sort())
  for (const [at, name] of names.entries()) {
    expect(Buffer.compare(await readFile(join(folder, name)), contents[at] as Buffer)).toBe(0)
  }
  // Efficient: waiters share the fsync of the folder.
  expect(journal.filter(step => step === 'sync folder').length).toBeLessThan(50)
})

test('two storages that do not know one another never overwrite', async () => {
  const folder = await tempFolder()
  const both = [diskStorage(folder), diskStorage(folder)]
  const names = await Promise.all(
    Array.from({ length: 60 }, (_, at) => store(both[at % 2] as (typeof both)[0], 'a.txt', Buffer.from(String(at)))),
  )
  expect(new Set(names).size).toBe(60)
  for (const [at, name] of names.entries()) expect(await readFile(join(folder, name), 'utf8')).toBe(String(at))
})

test('the thousandth file of one name takes few tries', async () => {
  const folder = await tempFolder()
  const { fileSystem } = recordingFileSystem()
  let tries = 0
  const storage = openDiskStorage(
    folder,
    { durable: false },
    {
      ...fileSystem,
      link: (from, to) => {
        tries++
        return fileSystem.link(from, to)
      },
    },
  )
  await writeFile(join(folder, 'image.png'), '')
  for (let n = 1; n < 1000; n++) await writeFile(join(folder, `image (${n}).png`), '')
  expect(await store(storage, 'image.png', bytes)).toBe('image (1000).png')
  expect(tries).toBeLessThan(20)
})

test('row 47: a link planted at the final name is not followed; the next name is taken', async () => {
  const root = await tempFolder()
  const folder = join(root, 'store')
  const storage = diskStorage(folder)
  await storage.prepare()
  await writeFile(join(root, 'precious'), 'untouched')
  await symlink(join(root, 'precious'), join(folder, 'a.bin'))
  await symlink(join(root, 'nowhere'), join(folder, 'a (1).bin'))
  expect(await store(storage, 'a.bin', bytes)).toBe('a (2).bin')
  expect(await readFile(join(root, 'precious'), 'utf8')).toBe('untouched')
  expect((await readdir(root)).sort()).toEqual(['precious', 'store'])
})

test('row 47: a link planted as temporary is not followed; the upload is refused', async () => {
  const root = await tempFolder()
  const folder = join(root, 'store')
  const first = diskStorage(folder)
  const id = await begin(first, bytes)
  const [name] = await readdir(join(folder, '.dropgate'))
  await first.remove(id)
  await symlink(join(root, 'planted'), join(folder, '.dropgate', name ?? ''))
  await first.create({ id, name: 'a', type: '' })
  await expect(first.append(id, 0, [bytes])).rejects.toMatchObject({ code: 'storage-failed', status: 500 })
  expect(await readdir(root)).toEqual(['store'])
})

test('a link planted as hidden folder is not followed', async () => {
  const root = await tempFolder()
  await mkdir(join(root, 'store'))
  await mkdir(join(root, 'outside'))
  await symlink(join(root, 'outside'), join(root, 'store', '.dropgate'))
  await expect(diskStorage(join(root, 'store')).prepare()).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await readdir(join(root, 'outside'))).toEqual([])
})

test('a store that is reached through a link works', async () => {
  const root = await tempFolder()
  await mkdir(join(root, 'big-disk'))
  await symlink(join(root, 'big-disk'), join(root, 'store'))
  const storage = diskStorage(join(root, 'store'))
  await storage.prepare()
  const [file] = await storage.commit([{ id: await begin(storage, bytes), name: 'a.bin' }])
  expect(file?.path).toBe(join(root, 'store', 'a.bin'))
  expect((await lstat(join(root, 'big-disk', 'a.bin'))).isFile()).toBe(true)
})

test('a storage at another path shares uploads by path, and its descriptors close with the last upload', async () => {
  const root = await tempFolder()
  const storage = diskStorage(join(root, 'store'))
  await storage.prepare()
  const other = join(root, 'other')
  const id = await begin(storage.at(other), bytes)
  expect((await descriptorsIn(other)).length).toBeGreaterThan(0)
  expect(await storage.at(other).stat(id)).toMatchObject({ offset: 3 })
  const [file] = await storage.at(other).commit([{ id, name: 'a.bin' }])
  expect(file?.path).toBe(join(other, 'a.bin'))
  expect(await descriptorsIn(other)).toEqual([])
  expect((await storage.at(other).list()).map(({ name }) => name)).toEqual(['a.bin'])
})

test('descriptors are back at the baseline after commits, removals and refusals', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.prepare()
  const baseline = await descriptorsIn(folder)
  await store(storage, 'a.bin', bytes)
  await storage.remove(await begin(storage, bytes))
  const id = await begin(storage, bytes)
  await expect(storage.commit([{ id, name: '../a' }])).rejects.toThrow()
  await storage.remove(id)
  expect(await descriptorsIn(folder)).toEqual(baseline)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('remove during an append waits for it and leaves nothing', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  const id = await begin(storage, bytes)
  let settled = false
  const appending = Promise.resolve(storage.append(id, 3, [new Uint8Array(30_000_000)])).finally(() => {
    settled = true
  })
  await storage.remove(id)
  expect(settled).toBe(true)
  await appending
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  expect(await descriptorsIn(folder)).toEqual([])
})

test('remove during a commit never touches the file', async () => {
  const folder = await tempFolder()
  onTestFinished(async () => expect(await descriptorsIn(folder)).toEqual([]))
  const storage = diskStorage(folder)
  const id = await begin(storage, bytes)
  const [[file]] = await Promise.all([storage.commit([{ id, name: 'a.bin' }]), storage.remove(id)])
  expect(await readFile(join(folder, file?.name ?? ''))).toEqual(Buffer.from(bytes))
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('two calls at once for one upload are refused, not mixed', async () => {
  const storage = diskStorage(await tempFolder())
  const id = await begin(storage, bytes)
  const results = await Promise.allSettled([1, 2].map(() => storage.append(id, 3, [bytes])))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('a store that was deleted under us is made again', async () => {
  const folder = join(await tempFolder(), 'store')
  const storage = diskStorage(folder)
  await storage.prepare()
  await rm(folder, { recursive: true })
  expect(await store(storage, 'a.bin', bytes)).toBe('a.bin')
  expect((await stat(join(folder, 'a.bin'))).size).toBe(3)
  await rm(join(folder, '.dropgate'), { recursive: true })
  expect(await store(storage, 'b.bin', bytes)).toBe('b.bin')
})

test.each([
  [() => diskStorage(''), 'folder is ""; it must be the path of a folder.'],
  [() => diskStorage('x', { mode: 0o1777 }), 'mode is 1023; it must be file permissions'],
  [() => diskStorage('x', { mode: 0o444 }), 'mode is 292; it must be file permissions'],
  [() => diskStorage('x', { durable: 'yes' as never }), 'durable is "yes"; it must be true or false.'],
])('a wrong option is refused at start %#', (make, sentence) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(sentence)
})

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o777).toString(8)
}
