/** Several files of one request: all or none, also when the process dies between two of their names. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { type FileSystem, nodeFileSystem } from '../../src/storages/disk/file-system.ts'
import { ownOwner } from '../../src/storages/disk/owner.ts'
import { openDiskStorage } from '../../src/storages/disk/storage.ts'
import { ownedName } from '../../src/storages/disk/temporaries.ts'

const script = fileURLToPath(new URL('./list-child.ts', import.meta.url))
const names = ['one.bin', 'three.bin', 'two.bin']

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-list-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the child; it dies right before call `n`, or tells how many calls it made. */
async function run(what: 'commit' | 'prepare', folder: string, n: number): Promise<number> {
  const child = spawn(process.execPath, [script, what, folder, String(n)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout?.on('data', chunk => (said += chunk))
  const [code, signal] = await once(child, 'close')
  expect([code, signal], `${what} at call ${n}`).toEqual(n === 0 ? [0, null] : [null, 'SIGKILL'])
  return Number(said)
}

async function visible(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => name !== '.dropgate').sort()
}

/** What a start finds after a crash. */
async function restarted(folder: string): Promise<string[]> {
  await diskStorage(folder).prepare()
  expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  const found = await visible(folder)
  for (const name of found) {
    expect(await readFile(join(folder, name)), name).toEqual(Buffer.alloc(10_000, name))
  }
  return found
}

const model = join(tmpdir(), `dropgate-parted-${process.pid}`)
afterAll(() => rm(model, { recursive: true, force: true }))

/** A folder in which a crash left one name of three. The call is found by trying, once. */
async function parted(): Promise<string> {
  for (let n = 6; !existsSync(model) || (await visible(model)).length !== 1; n++) {
    await rm(model, { recursive: true, force: true })
    await mkdir(model)
    await run('commit', model, n)
  }
  const folder = await tempFolder()
  // Hard links have to stay hard links.
  expect(spawnSync('cp', ['-a', `${model}/.`, folder]).status).toBe(0)
  return folder
}

test('killed before any call of a commit of three files, the next start has all or none', {
  timeout: 90_000,
}, async () => {
  const calls = await run('commit', await tempFolder(), 0)
  expect(calls).toBeGreaterThan(12)
  const outcomes = { all: 0, none: 0, parted: 0 }
  for (let n = 1; n <= calls; n++) {
    const folder = await tempFolder()
    await run('commit', folder, n)
    const before = (await visible(folder)).length
    if (before > 0 && before < names.length) outcomes.parted++
    const found = await restarted(folder)
    expect([[], names], `call ${n} of ${calls}`).toContainEqual(found)
    if (found.length === 0) outcomes.none++
    else outcomes.all++
  }
  expect(outcomes.all, JSON.stringify(outcomes)).toBeGreaterThan(2)
  expect(outcomes.none, JSON.stringify(outcomes)).toBeGreaterThan(2)
  expect(outcomes.parted, 'crashes that the journal had to mend').toBe(2)
})

test('a start that dies while it mends is mended by the next', { timeout: 90_000 }, async () => {
  const calls = await run('prepare', await parted(), 0)
  for (let n = 1; n <= calls; n++) {
    const folder = await parted()
    await run('prepare', folder, n)
    expect(await restarted(folder), `call ${n} of ${calls}`).toEqual(names)
  }
})

test('two starts at once give each name once', { timeout: 30_000 }, async () => {
  const folder = await parted()
  await Promise.all([run('prepare', folder, 0), run('prepare', folder, 0), run('prepare', folder, 0)])
  expect(await restarted(folder)).toEqual(names)
})

test('a start leaves alone what another one has taken over before its eyes', async () => {
  const folder = await parted()
  const hidden = join(folder, '.dropgate')
  const journal = (await readdir(hidden)).find(name => name.endsWith('.list')) as string
  const taken = ownedName(journal.slice(0, journal.indexOf('.')), await ownOwner(), 'list')
  const takenOver: FileSystem = {
    ...nodeFileSystem,
    async open(path, ...rest) {
      if (String(path).endsWith(journal)) await rename(join(hidden, journal), join(hidden, taken))
      return nodeFileSystem.open(path, ...rest)
    },
  }
  const before = (await readdir(hidden)).length
  await openDiskStorage(folder, {}, takenOver).prepare()
  expect(await readdir(hidden)).toHaveLength(before)
  await rename(join(hidden, taken), join(hidden, journal))
  expect(await restarted(folder)).toEqual(names)
})

test('a taken name, and a journal that is none, are no obstacle', async () => {
  const folder = await parted()
  await writeFile(join(folder, 'two.bin'), 'of somebody else')
  const hidden = join(folder, '.dropgate')
  const journal = (await readdir(hidden)).find(name => name.endsWith('.list')) as string
  await writeFile(join(hidden, journal.replace('one-', 'odd-')), '[{"temporary":"../../x","name":"')
  await diskStorage(folder).prepare()
  expect(await visible(folder)).toEqual(['one.bin', 'three.bin', 'two (1).bin', 'two.bin'])
  expect(await readFile(join(folder, 'two.bin'), 'utf8')).toBe('of somebody else')
  expect(await readdir(hidden)).toEqual([])
})
