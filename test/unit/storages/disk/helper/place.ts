/** A disk storage with a helper, and what tests do with it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../../../../../src/storages/disk/file-system.ts'
import type { Helper } from '../../../../../src/storages/disk/helper/helper.ts'
import { inlineCalls, smallFile } from '../../../../../src/storages/disk/inline.ts'
import { type DiskStorage, openDiskStorage } from '../../../../../src/storages/disk/storage.ts'
import type { CommitItem, StoredFile } from '../../../../../src/upload/ports.ts'
import { tempFolder } from '../../temp-folder.ts'
import { type Counted, counted, diesAfter, late, namesNothing, prompt, running, writesNothing } from './tools.ts'

let real: Helper

/** Every file of tests that uses {@link helpers} has it made first. */
export async function makeReal(): Promise<Helper> {
  real = await running()
  return real
}

export const helpers: readonly (readonly [name: string, make: () => Helper])[] = [
  ['the real thread', () => real],
  ['a prompt helper', prompt],
  ['a late helper', late],
  ['a helper that writes nothing', writesNothing],
  ['a helper that names nothing', namesNothing],
  ['a helper that dies among the bytes', () => diesAfter(30)],
  ['a helper that dies among the names', () => diesAfter(510)],
]

/** Uploads under way from which on the helper is asked. */
export const crowd = 17

export interface Place {
  readonly folder: string
  readonly storage: DiskStorage
  readonly helper: Counted
}

export async function placeWith(helper: Helper, fs: FileSystem = nodeFileSystem): Promise<Place> {
  const folder = await tempFolder()
  const watched = counted(helper)
  const storage = openDiskStorage(folder, { durable: false }, fs, inlineCalls, watched)
  await storage.prepare()
  return { folder, storage, helper: watched }
}

let ids = 0

export function newId(): string {
  return `h${++ids}`.padEnd(22, '-')
}

/** Different for each index, in size and content. */
export function bytesOf(index: number): Uint8Array {
  const size = index % 50 === 49 ? smallFile : (index * 37) % 3000
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + index * 7) % 256)
}

/** So many uploads at once, each complete in one append of two spans whose memory is used again. */
export async function openMany(storage: DiskStorage, names: readonly string[]): Promise<CommitItem[]> {
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

export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `file ${index} ü.bin`)
}

/** What lies there: these names with the bytes of their places in the list, and no temporary. */
export async function expectFiles(
  folder: string,
  names: readonly string[],
  others: readonly string[] = [],
): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', ...names, ...others].sort())
  for (const [index, name] of names.entries()) {
    const isSame = Buffer.compare(await readFile(join(folder, name)), bytesOf(index)) === 0
    expect(isSame, `the bytes of ${name}`).toBe(true)
  }
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
}

export async function expectNothing(folder: string): Promise<void> {
  expect(await readdir(folder)).toEqual(['.dropgate'])
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
}

/** What a commit tells of each file is what a reader finds. */
export async function expectTold(storage: DiskStorage, files: readonly StoredFile[]): Promise<void> {
  for (const { name, size, tag } of files) {
    const found = await storage.read(name)
    await found?.body.cancel()
    expect({ name, size, tag }).toEqual({ name: found?.name, size: found?.size, tag: found?.tag })
    expect(tag).not.toBe('')
  }
}
