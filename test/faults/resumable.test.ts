/** Resumable uploads and locks of processes that die at any moment. `DROPGATE_FAULT_ROUNDS` makes it longer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type DiskStorage, diskStorage, fileLocker } from '../../src/disk.ts'
import { contentAt } from './resumable-content.ts'

const rounds = Number(process.env.DROPGATE_FAULT_ROUNDS ?? 30)
const script = fileURLToPath(new URL('./resumable-child.ts', import.meta.url))

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-resumable-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A child with what it has said so far; it is dead at the end of the test. */
async function start(...args: readonly string[]): Promise<{ child: ChildProcess; said: string[] }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => kill(child))
  const said: string[] = []
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', line => said.push(line))
  await expect.poll(() => said[0], { timeout: 10_000, interval: 5 }).toBe('ready')
  return { child, said }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

interface Known {
  /** The last offset that was said to be saved. */
  saved: number | undefined
  /** The offset that was being saved, or the last one. */
  saving: number
  state: 'open' | 'removing' | 'committing' | 'committed' | 'finished'
}

/** What the child's words promise, upload by upload. */
function promisesOf(said: readonly string[]): Map<string, Known> {
  const all = new Map<string, Known>()
  for (const line of said.slice(1)) {
    const [word = '', id = '', offset] = line.split(' ')
    const known = all.get(id) ?? { saved: undefined, saving: 0, state: 'open' }
    all.set(id, known)
    if (word === 'saving') known.saving = Number(offset)
    else if (word === 'saved') known.saved = Number(offset)
    else known.state = word as Known['state']
  }
  return all
}

/** Compares an upload with what was promised of it. */
async function judge(
  storage: DiskStorage,
  folder: string,
  visible: ReadonlySet<string>,
  id: string,
  known: Known,
): Promise<void> {
  const record = await storage.resumable.load(id)
  if (visible.has(`${id}.bin`)) {
    expect(['committing', 'committed', 'finished'], id).toContain(known.state)
    expect((await stat(join(folder, `${id}.bin`))).size, `a visible file is partial: ${id}`).toBe(known.saved)
    if (known.state === 'finished') expect(record, id).toBe('finished')
    return
  }
  expect(['open', 'removing', 'committing'], `${id} was committed and is not there`).toContain(known.state)
  if (known.state === 'removing') return
  if (record === undefined) {
    expect(known.saved, `${id} was saved and is not there`).toBeUndefined()
    return
  }
  const offset = Number(record)
  expect([known.saved ?? 0, known.saving], id).toContain(offset)
  const bytes = offset > 0 ? await storage.resumable.readAt(id, 0, offset) : new Uint8Array()
  expect(Buffer.compare(bytes, contentAt(id, 0, offset)), `the first ${offset} bytes of ${id}`).toBe(0)
}

test('killed at any moment, every saved offset is there with its bytes', { timeout: 3_600_000 }, async () => {
  const seen = { saved: 0, committed: 0, resumed: 0 }
  // Two at a time: most of a round is the start of a process.
  await Promise.all(
    [0, 1].map(async () => {
      const folder = await tempFolder()
      for (let round = 0; round < rounds / 2; round++) await killAndJudge(folder, seen)
    }),
  )
  expect(seen.saved, 'uploads saved').toBeGreaterThan(rounds)
  expect(seen.committed, 'uploads committed').toBeGreaterThan(rounds)
  expect(seen.resumed, 'uploads resumed').toBeGreaterThan(rounds / 2)
})

async function killAndJudge(
  folder: string,
  seen: { saved: number; committed: number; resumed: number },
): Promise<void> {
  const hidden = join(folder, '.dropgate')
  const { child, said } = await start('loop', folder)
  await wait(Math.random() * 300)
  await kill(child)

  const storage = diskStorage(folder)
  await storage.prepare()
  for (const name of await readdir(hidden)) expect(name).toMatch(/^[\w-]{24}\.(data|record)$/)
  const visible = new Set((await readdir(folder)).filter(name => name !== '.dropgate'))
  for (const name of visible) {
    const bytes = await readFile(join(folder, name))
    const right = contentAt(name.slice(0, -'.bin'.length), 0, bytes.byteLength)
    expect(bytes.equals(right), `a visible file is wrong: ${name}`).toBe(true)
  }
  const promises = promisesOf(said)
  for (const [id, known] of promises) {
    await judge(storage, folder, visible, id, known)
    if (known.saved) seen.saved++
  }
  seen.committed += visible.size
  seen.resumed += await finishAll(storage, promises)
  expect(await readdir(hidden)).toEqual([])
  for (const name of await readdir(folder)) if (name !== '.dropgate') await rm(join(folder, name))
}

/** Goes on where the dead process stood: each unfinished upload becomes exactly one file. */
async function finishAll(storage: DiskStorage, promises: ReadonlyMap<string, Known>): Promise<number> {
  let resumed = 0
  for await (const { id, record } of storage.resumable.records()) {
    const known = promises.get(id)
    const offset = Number(record)
    if (record !== 'finished' && known?.state !== 'removing' && offset > 0) {
      const [file] = await storage.resumable.commit([{ id, name: `${id}.bin`, size: offset }])
      expect(file, id).toMatchObject({ name: `${id}.bin`, size: offset })
      await storage.resumable.save(id, 'finished')
      resumed++
    }
    await storage.resumable.remove(id)
  }
  return resumed
}

test('of four processes no two hold one lock', { timeout: 60_000 }, async () => {
  const folder = join(await tempFolder(), 'locks')
  await mkdir(folder)
  const all = await Promise.all([0, 1, 2, 3].map(() => start('lock', folder, '4000')))
  await Promise.all(all.map(({ child }) => (child.exitCode === null ? once(child, 'close') : undefined)))
  const counts = all.map(({ said }) => {
    expect(said, said.join('\n')).toHaveLength(2)
    return JSON.parse(said[1] ?? '') as { granted: number; overtaken: number; busy: number }
  })
  for (const { granted, busy } of counts) {
    expect(granted).toBeGreaterThan(10)
    expect(busy).toBe(0)
  }
  expect(await readdir(folder)).toEqual([])
})

test('the lock of a killed process is taken over at once, and its holder is told within 100 ms', async () => {
  const folder = join(await tempFolder(), 'locks')
  const id = 'held'.padEnd(24, 'x')
  const locker = fileLocker(folder)
  const dead = await start('hold', folder, 'stubborn')
  await kill(dead.child)
  const begin = performance.now()
  const lock = await locker.acquire(id, () => {})
  expect(performance.now() - begin).toBeLessThan(1000)
  await lock.release()

  const { child, said } = await start('hold', folder)
  const asked = performance.now()
  await (await locker.acquire(id, () => {})).release()
  // A hundred in a quiet machine; the rest is for one that is busy with other tests.
  expect(performance.now() - asked).toBeLessThan(1000)
  expect(said).toContain('told')
  if (child.exitCode === null) await once(child, 'close')
  expect(await readdir(folder)).toEqual([])
})

test('processes killed while they lock leave nothing that blocks the others', { timeout: 60_000 }, async () => {
  const folder = join(await tempFolder(), 'locks')
  await mkdir(folder)
  for (let round = 0; round < 6; round++) {
    const all = await Promise.all([start('lock', folder, '60000'), start('lock', folder, '60000')])
    await wait(100 + Math.random() * 100)
    await Promise.all(all.map(({ child }) => kill(child)))
    const locker = fileLocker(folder, { timeoutMs: 2000 })
    for (const number of [0, 1]) {
      const id = `lock-${number}`.padEnd(24, 'x')
      await (await locker.acquire(id, () => {})).release()
      await rm(join(folder, '..', `${id}.witness`), { force: true })
    }
    expect(await readdir(folder)).toEqual([])
  }
})
