import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskStorage } from '../../../../src/disk.ts'
import type { ReadableFile } from '../../../../src/upload/ports.ts'
import { begin, descriptorsIn, store, tempFolder } from '../temp-folder.ts'

test('the listing has regular visible files only, newest first', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.prepare()
  await writeFile(join(folder, '.hidden'), 'x')
  await mkdir(join(folder, 'folder'))
  await symlink('/etc/hostname', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const [index, name] of ['old', 'new', 'middle'].entries()) {
    await store(storage, name, new Uint8Array(index))
    const time = { old: 1000, middle: 2000, new: 3000 }[name] ?? 0
    await utimes(join(folder, name), time, time)
  }
  await begin(storage, new Uint8Array(1))
  expect(await storage.list()).toEqual([
    { name: 'new', size: 1, modified: 3_000_000 },
    { name: 'middle', size: 2, modified: 2_000_000 },
    { name: 'old', size: 0, modified: 1_000_000 },
  ])
})

test('thousands of files are listed', async () => {
  const folder = await tempFolder()
  for (let at = 0; at < 3000; at += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, more) => writeFile(join(folder, `${at + more}.txt`), '')))
  }
  expect(await diskStorage(folder).list()).toHaveLength(3000)
})

test('a folder that is not there lists as empty and is not made', async () => {
  const root = await tempFolder()
  const storage = diskStorage(join(root, 'store'))
  expect(await storage.list()).toEqual([])
  expect(await storage.read('a')).toBeUndefined()
  expect(await diskStorage(root).list()).toEqual([])
})

test('links, pipes and folders cannot be read', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.prepare()
  await mkdir(join(folder, 'folder'))
  await symlink('/etc/hostname', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const name of ['link', 'pipe', 'folder', 'nothing', '.dropgate', '../x', 'x'.repeat(300)]) {
    expect(await storage.read(name), name).toBeUndefined()
  }
})

test('a body is read piece by piece as it is asked for, and its descriptor closes at the end', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.prepare()
  const baseline = await descriptorsIn(folder)
  const bytes = Buffer.alloc(1_000_000, 'abcdefg')
  await store(storage, 'a.bin', bytes)
  const file = await storage.read('a.bin')
  expect(await descriptorsIn(folder), 'nothing is open before the first read').toEqual(baseline)
  const reader = (file as ReadableFile).body.getReader()
  const pieces: Uint8Array[] = []
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    expect(next.value.byteLength).toBeLessThanOrEqual(256 * 1024)
    pieces.push(next.value)
    if (pieces.length === 1) expect(await descriptorsIn(folder)).toContain(join(folder, 'a.bin'))
  }
  expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0)
  expect(await descriptorsIn(folder)).toEqual(baseline)
})

test('a cancelled body closes its descriptor', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await storage.prepare()
  const baseline = await descriptorsIn(folder)
  await store(storage, 'a.bin', new Uint8Array(1_000_000))
  const reader = (await storage.read('a.bin'))?.body.getReader()
  await reader?.read()
  expect(await descriptorsIn(folder)).toContain(join(folder, 'a.bin'))
  await reader?.cancel()
  expect(await descriptorsIn(folder)).toEqual(baseline)
})

test('a file that changes before it is read is an error, not other bytes', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await store(storage, 'a.bin', new Uint8Array(1000))
  const file = await storage.read('a.bin')
  await truncate(join(folder, 'a.bin'), 10)
  await expect(file?.body.getReader().read()).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await descriptorsIn(folder)).toEqual([])
})
