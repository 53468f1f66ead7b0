import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileSystem } from '../../src/storages/disk/file-system.ts'
import { nodeFileSystem } from '../../src/storages/disk/file-system.ts'
import { type InlineCalls, inlineCalls } from '../../src/storages/disk/inline.ts'
import { type DiskStorageOptions, openDiskStorage } from '../../src/storages/disk/storage.ts'
import { type StorageHarness, testStorage } from '../../src/testing.ts'
import { recordingFileSystem } from './recording-file-system.ts'

function harnessOf(
  fs: () => FileSystem,
  options: DiskStorageOptions = {},
  inline?: InlineCalls,
): () => Promise<StorageHarness> {
  return async () => {
    const root = await mkdtemp(join(tmpdir(), 'dropgate-disk-'))
    const folder = join(root, 'store')
    const elsewhere = join(root, 'made', 'on', 'demand')
    return {
      storage: openDiskStorage(folder, options, fs(), inline),
      reopen: async () => openDiskStorage(folder, options, fs(), inline),
      readBack: name => readBack(folder, name),
      visible: () => visible(folder),
      elsewhere: { path: elsewhere, readBack: name => readBack(elsewhere, name) },
      cleanup: () => rm(root, { recursive: true }),
    }
  }
}

async function recorded(): Promise<StorageHarness> {
  const { fileSystem, afterPowerCut } = recordingFileSystem()
  const harness = await harnessOf(() => fileSystem)()
  return { ...harness, afterPowerCut: async () => afterPowerCut() }
}

const witnessed = 'resolves a commit when it is durable'

describe('the disk storage', () => {
  for (const { name, run } of testStorage(recorded)) test(name, async () => expect(await run()).toBe('passed'))
})

describe('the disk storage with durable: false', () => {
  for (const { name, run } of testStorage(harnessOf(() => nodeFileSystem, { durable: false }))) {
    test(name, async () => expect(await run()).toBe(name === witnessed ? 'skipped' : 'passed'))
  }

  test('fails the check of durability when there is a witness, so the check can fail', async () => {
    const check = testStorage(async () => {
      const { fileSystem, afterPowerCut } = recordingFileSystem()
      const harness = await harnessOf(() => fileSystem, { durable: false })()
      return { ...harness, afterPowerCut: async () => afterPowerCut() }
    }).find(({ name }) => name === witnessed)
    await expect(check?.run()).rejects.toThrow('a.bin after a power cut: the file is not there')
  })
})

describe('the disk storage with durable: false, small files in one go', () => {
  for (const { name, run } of testStorage(harnessOf(() => nodeFileSystem, { durable: false }, inlineCalls))) {
    test(name, async () => expect(await run()).toBe(name === witnessed ? 'skipped' : 'passed'))
  }
})

describe('the disk storage where hard links are refused', () => {
  // The answer of FAT to link(2). test/faults has the same on a real FAT where the kernel knows it.
  const withoutLinks: FileSystem = {
    ...nodeFileSystem,
    link: async () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })
    },
  }
  for (const { name, run } of testStorage(harnessOf(() => withoutLinks))) {
    test(name, async () => expect(await run()).toBe(name === witnessed ? 'skipped' : 'passed'))
  }
})

function readBack(folder: string, name: string): Promise<Uint8Array | undefined> {
  return readFile(join(folder, name)).then(
    bytes => new Uint8Array(bytes),
    () => undefined,
  )
}

async function visible(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter(name => name !== '.dropgate')
}
