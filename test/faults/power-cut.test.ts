/** A power cut right after the last answer: the file system of a loop device is shut down without a flush of its log. */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, type TestContext, test } from 'vitest'
import { beginChunks, sendChunks } from './chunk-sender.ts'
import { type CommandOptions, has, isLong, startCommand, tell } from './command.ts'
import { run } from './disk-mounts.ts'
import { Ledger } from './ledger.ts'
import { append, begin, resume, sendForm, sendRaw, type Target } from './senders.ts'

const rounds = isLong ? 50 : 3
const mebibyte = 1024 * 1024
/** Uploads by each protocol in each round. */
const uploads = 8

/** A file system in a file, to be cut off and found again. */
interface Disk {
  readonly folder: string
  mount(): void
  cut(): void
}

async function makeDisk(context: TestContext): Promise<Disk> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) context.skip('needs root on Linux, to mount')
  if (!has('xfs_io')) context.skip('xfs_io is not installed (package xfsprogs)')
  if (!has('mkfs.ext4')) context.skip('mkfs.ext4 is not installed (package e2fsprogs)')
  const base = await mkdtemp(join(tmpdir(), 'dropgate-power-'))
  const [image, point] = [join(base, 'disk.img'), join(base, 'mnt')]
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  await writeFile(image, '')
  await truncate(image, 96 * mebibyte)
  await mkdir(point)
  run('mkfs.ext4', '-q', '-F', image)
  const mount = () => run('mount', '-o', 'loop', '-t', 'ext4', image, point)
  try {
    mount()
  } catch (error) {
    if (process.env.CI) throw error
    context.skip(`mount is not allowed here: ${String(error)}`)
  }
  onTestFinished(() => {
    if (isMounted(point)) run('umount', '--lazy', point)
  })
  const cut = () => run('xfs_io', '-x', '-c', 'shutdown', point)
  return {
    folder: join(point, 'uploads'),
    mount: () => {
      run('umount', point)
      mount()
    },
    cut,
  }
}

function isMounted(point: string): boolean {
  return execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' }).includes(` ${point} `)
}

/** Everything at once; returns with the last answer. */
async function sendAll(target: Target, ledger: Ledger, prefix: string): Promise<void> {
  const size = () => randomInt(1, 300_000)
  const each = Array.from({ length: uploads }, (_, index) => [
    sendForm(target, ledger, { [`${prefix}-${index}-a`]: size(), [`${prefix}-${index}-b`]: size() }),
    sendRaw(target, ledger, `${prefix}-${index}-raw`, size()),
    chunks(target, ledger, `${prefix}-${index}-chunks`, size()),
    part(target, ledger, 'tus', `${prefix}-${index}-tus`, size(), index % 2 === 0),
    part(target, ledger, 'ietf', `${prefix}-${index}-ietf`, size(), index % 2 === 0),
  ])
  await Promise.all(each.flat())
}

async function chunks(target: Target, ledger: Ledger, name: string, size: number): Promise<void> {
  const complaint = await sendChunks(target, ledger, beginChunks(ledger, name, size, 50_000))
  if (complaint) throw new Error(complaint)
}

/** One request that leaves an offset, and for some a second one that completes. */
async function part(
  target: Target,
  ledger: Ledger,
  protocol: 'tus' | 'ietf',
  name: string,
  size: number,
  whole: boolean,
): Promise<void> {
  const upload = await begin(target, ledger, protocol, name, size)
  if (!upload) throw new Error(`${name} was refused`)
  await append(target, ledger, upload, Math.floor(size / 2))
  if (whole) await append(target, ledger, upload, size)
}

/** One cut. @returns what is wrong afterwards */
async function round(disk: Disk, ledger: Ledger, prefix: string, options?: CommandOptions): Promise<string[]> {
  const server = await startCommand(disk.folder, options)
  await sendAll(server, ledger, prefix)
  disk.cut()
  await server.end('SIGKILL')
  disk.mount()
  const restarted = await startCommand(disk.folder, options)
  const offsets = await Promise.all([...ledger.resumables].map(upload => resume(restarted, ledger, upload)))
  const wrong = [...offsets.filter(sentence => sentence !== undefined), ...(await ledger.judge(disk.folder))]
  await ledger.settle(disk.folder)
  await restarted.end('SIGKILL')
  return wrong
}

test(`${rounds} power cuts lose nothing that was acknowledged (needs mount)`, {
  timeout: rounds * 30_000,
}, async context => {
  const disk = await makeDisk(context)
  const ledger = new Ledger()
  for (let number = 0; number < rounds; number++) {
    expect(await round(disk, ledger, `p${number}`), `cut ${number}`).toEqual([])
  }
  tell(`${rounds} power cuts, each after ${uploads} uploads of every protocol: nothing acknowledged was lost`)
})

test('without fsync the same cut loses files: the test can fail (needs mount)', { timeout: 60_000 }, async context => {
  const disk = await makeDisk(context)
  const wrong = await round(disk, new Ledger(), 'fast', { fast: true })
  expect(wrong.length).toBeGreaterThan(uploads)
})
