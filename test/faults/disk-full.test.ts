/** Disks that are full, read-only or poor, for real. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type DiskStorage, diskStorage } from '../../src/disk.ts'
import { testStorage } from '../../src/testing.ts'
import { mounted, run } from './disk-mounts.ts'

const mebibyte = 1024 * 1024
let ids = 0

async function begin(storage: DiskStorage): Promise<string> {
  const id = `disk-full-test-${String(++ids).padStart(10, '0')}`
  await storage.create({ id, name: 'a.bin', type: '' })
  return id
}

async function store(storage: DiskStorage, bytes: Uint8Array): Promise<string | undefined> {
  const id = await begin(storage)
  await storage.append(id, 0, [bytes])
  return (await storage.commit([{ id, name: 'a.bin' }]))[0]?.name
}

test('a full disk gives 507 for a small file that is written in one go, and leaves nothing', async context => {
  const folder = await mounted(context, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs')
  const storage = diskStorage(folder, { durable: false })
  await storage.prepare()
  await writeFile(join(folder, 'ballast'), new Uint8Array(mebibyte - 16 * 1024))
  const id = await begin(storage)
  const refusal = { code: 'storage-full', status: 507 }
  await expect(storage.append(id, 0, [new Uint8Array(60_000)], true)).rejects.toMatchObject(refusal)
  await storage.remove(id)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  await unlink(join(folder, 'ballast'))
  expect(await store(storage, new Uint8Array(60_000))).toBe('a.bin')
})

test('a full disk gives 507, leaves nothing, and a smaller file or freed space goes on', async context => {
  const folder = await mounted(context, '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs')
  const storage = diskStorage(folder)
  await storage.prepare()
  await writeFile(join(folder, 'ballast'), new Uint8Array(mebibyte))

  const id = await begin(storage)
  await storage.append(id, 0, [new Uint8Array(100_000)])
  await expect(storage.append(id, 100_000, [new Uint8Array(3 * mebibyte)])).rejects.toMatchObject({
    code: 'storage-full',
    status: 507,
    message: 'The server has no space left for this file.',
  })
  await storage.remove(id)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  expect(await readdir(folder)).not.toContain('a.bin')

  expect(await store(storage, new Uint8Array(500_000))).toBe('a.bin')
  await unlink(join(folder, 'ballast'))
  expect(await store(storage, new Uint8Array(1_300_000))).toBe('a (1).bin')
})

test('a disk without a free inode gives 507 and leaves nothing', async context => {
  const folder = await mounted(context, '-t', 'tmpfs', '-o', 'nr_inodes=4', 'tmpfs')
  const storage = diskStorage(folder)
  await storage.prepare()
  await writeFile(join(folder, 'one'), '')
  await writeFile(join(folder, 'two'), '')
  const id = await begin(storage)
  await expect(storage.append(id, 0, [new Uint8Array(1)])).rejects.toMatchObject({ code: 'storage-full', status: 507 })
  await storage.remove(id)
  await unlink(join(folder, 'one'))
  await unlink(join(folder, 'two'))
  expect(await store(storage, new Uint8Array(1))).toBe('a.bin')
})

const durabilities = [
  { durable: true, way: 'over the pool' },
  // A small file is written in one go then.
  { durable: false, way: 'in one go' },
]

test.for(durabilities)(
  'a disk that became read-only gives 500 and goes on when it is writable again: $way',
  async ({ durable }, context) => {
    const folder = await mounted(context, '-t', 'tmpfs', 'tmpfs')
    const storage = diskStorage(folder, { durable })
    await storage.prepare()
    run('mount', '-o', 'remount,ro', folder)
    const id = await begin(storage)
    await expect(storage.append(id, 0, [new Uint8Array(1)], true)).rejects.toMatchObject({
      code: 'storage-failed',
      status: 500,
      message: 'The file could not be saved.',
    })
    await storage.remove(id)
    await expect(diskStorage(join(folder, 'new')).prepare()).rejects.toMatchObject({ code: 'storage-failed' })
    run('mount', '-o', 'remount,rw', folder)
    expect(await store(storage, new Uint8Array(1))).toBe('a.bin')
  },
)

test('a process out of descriptors gives 503, leaves nothing and goes on', async () => {
  const folder = await tempFolder()
  const script = fileURLToPath(new URL('./disk-child.ts', import.meta.url))
  const said = execFileSync('sh', ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, script, 'starve', folder], {
    encoding: 'utf8',
  })
  const [refusal, files] = said.split('\n').map(line => line && JSON.parse(line))
  expect(refusal).toEqual({
    code: 'server-busy',
    status: 503,
    message: 'The server is busy. Please try again.',
  })
  expect(files).toMatchObject([{ name: 'a.bin', size: 1 }])
  expect((await readdir(folder)).sort()).toEqual(['.dropgate', 'a.bin'])
})

test('row 48: a store swapped for a link in a race leads nobody outside', async context => {
  if (!existsSync('/proc/self/fd')) context.skip('needs /proc/self/fd')
  const root = await tempFolder()
  const [folder, real, outside] = ['store', 'real', 'outside'].map(name => join(root, name)) as [string, string, string]
  await mkdir(outside)
  const storage = diskStorage(folder)
  await storage.prepare()
  let swapping = true
  const swaps = (async () => {
    let count = 0
    for (; swapping; count++) {
      await rename(folder, real)
      await symlink(outside, folder)
      await unlink(folder)
      await rename(real, folder)
    }
    return count
  })()
  const outcomes = { stored: 0, refused: 0 }
  const end = performance.now() + 2000
  while (performance.now() < end) {
    const id = await begin(storage)
    try {
      await storage.append(id, 0, [Buffer.from('secret')])
      await storage.commit([{ id, name: 'a.bin' }])
      outcomes.stored++
    } catch (error) {
      expect(error).toMatchObject({ code: 'storage-failed', status: 500 })
      await storage.remove(id)
      outcomes.refused++
    }
    expect(await readdir(outside)).toEqual([])
  }
  swapping = false
  expect(await swaps).toBeGreaterThan(100)
  expect(outcomes.refused, 'the swap was noticed').toBeGreaterThan(0)
  const kept = (await readdir(folder)).filter(name => name !== '.dropgate')
  expect(kept.length, 'exactly the stored ones are there').toBe(outcomes.stored)
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
})

test('a real FAT, which has no hard links, keeps the contract (needs mount)', { timeout: 60_000 }, async context => {
  if (!/\bvfat\b/.test(readFileSync('/proc/filesystems', 'utf8'))) context.skip('the kernel has no vfat')
  const image = join(await tempFolder(), 'fat.img')
  await writeFile(image, '')
  await truncate(image, 64 * mebibyte)
  try {
    run('mkfs.vfat', image)
  } catch {
    context.skip('mkfs.vfat is not installed')
  }
  const root = await mounted(context, '-o', 'loop', '-t', 'vfat', image)
  let stores = 0
  const make = async () => {
    const folder = join(root, String(stores++))
    return {
      storage: diskStorage(folder),
      readBack: (name: string) => readFile(join(folder, name)).catch(() => undefined),
      visible: async () => (await readdir(folder)).filter(name => name !== '.dropgate'),
    }
  }
  for (const check of testStorage(make)) expect(await check.run(), check.name).toMatch('passed|skipped')
})

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-fault-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
