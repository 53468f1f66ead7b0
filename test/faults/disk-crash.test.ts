/** Processes that die in the middle of an upload. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { diskStorage } from '../../src/disk.ts'

const script = fileURLToPath(new URL('./disk-child.ts', import.meta.url))

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A child with what it has said so far; it is dead at the end of the test. */
async function start(what: string, folder: string): Promise<{ child: ChildProcess; said: string[] }> {
  const child = spawn(process.execPath, [script, what, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => kill(child))
  const said: string[] = []
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', line => said.push(line))
  await expect.poll(() => said[0], { timeout: 10_000 }).toBe('ready')
  return { child, said }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

test('after SIGKILL the next start sweeps the dead temporary and keeps that of a living process', async () => {
  const folder = await tempFolder()
  const dead = await start('hold', folder)
  const alive = await start('hold', folder)
  await kill(dead.child)
  const hidden = join(folder, '.dropgate')
  expect(await readdir(hidden)).toHaveLength(2)

  await diskStorage(folder).prepare()
  const left = await readdir(hidden)
  expect(left).toHaveLength(1)
  expect(left[0]).toMatch(new RegExp(`^${alive.child.pid}-`))
  expect(await readdir(folder)).toEqual(['.dropgate'])

  alive.child.stdin?.write('go on\n')
  await once(alive.child, 'exit')
  expect(alive.said).toContain('committed held.bin')
  expect((await readFile(join(folder, 'held.bin'))).equals(Buffer.alloc(1_000_000, 'held'))).toBe(true)
  expect(await readdir(hidden)).toEqual([])
})

test('killed at any moment, what was answered is there and what is there is whole', { timeout: 60_000 }, async () => {
  const folder = await tempFolder()
  let answered = 0
  for (let round = 0; round < 12; round++) {
    const { child, said } = await start('loop', folder)
    await wait(7 * round + 5)
    await kill(child)
    const visible = (await readdir(folder)).filter(name => name !== '.dropgate')
    for (const name of visible) {
      const piece = Buffer.alloc(100_000, `${name.slice(0, -4)};`)
      expect((await readFile(join(folder, name))).equals(Buffer.concat([piece, piece])), name).toBe(true)
    }
    const names = said.filter(line => line.startsWith('committed ')).map(line => line.slice('committed '.length))
    expect(visible).toEqual(expect.arrayContaining(names))
    answered += names.length
    await diskStorage(folder).prepare()
    expect(await readdir(join(folder, '.dropgate'))).toEqual([])
  }
  expect(answered, 'the children had time to commit something').toBeGreaterThan(10)
})
