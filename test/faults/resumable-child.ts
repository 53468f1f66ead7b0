/** A process of its own with resumable uploads or locks, for the tests that kill it. `node resumable-child.ts <what> <folder>` */
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { diskStorage, fileLocker } from '../../src/disk.ts'
import { contentAt, pieceSize } from './resumable-content.ts'

const [what = '', folder = ''] = process.argv.slice(2)

/** Said when it returns: what waits in a stream would be lost with us. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

/** Resumable uploads without end, three at a time. Says what is about to be saved and what was. */
async function loop(): Promise<void> {
  const { resumable, ...storage } = await prepared()
  say('ready')
  let count = 0
  const worker = async (number: number) => {
    for (;;) {
      const id = `${process.pid}-${number}-${count++}-`.padEnd(24, 'x')
      say(`saving ${id} 0`)
      await resumable.create(id, '0')
      say(`saved ${id} 0`)
      const pieces = 1 + (count % 4)
      for (let piece = 0; piece < pieces; piece++) {
        const at = piece * pieceSize
        const half = pieceSize / 2
        await Promise.all([
          resumable.write(id, at + half, [contentAt(id, at + half, half)]),
          resumable.write(id, at, [contentAt(id, at, half)]),
        ])
        const record = recordOf(at + pieceSize, count)
        say(`saving ${id} ${at + pieceSize}`)
        await resumable.save(id, record)
        say(`saved ${id} ${at + pieceSize}`)
        if (piece % 2) await resumable.release(id)
      }
      if (count % 5 === 0) {
        say(`removing ${id}`)
        await resumable.remove(id)
        continue
      }
      // What is written beyond the last save is cut off.
      await resumable.write(id, pieces * pieceSize, [new Uint8Array(1000)])
      say(`committing ${id} ${pieces * pieceSize}`)
      await resumable.commit([{ id, name: `${id}.bin`, size: pieces * pieceSize }])
      say(`committed ${id} ${pieces * pieceSize}`)
      await resumable.save(id, 'finished')
      say(`finished ${id}`)
    }
  }
  await Promise.all([worker(0), worker(1), worker(2)])
  await storage.prepare()
}

async function prepared() {
  const storage = diskStorage(folder)
  await storage.prepare()
  return { resumable: storage.resumable, prepare: () => storage.prepare() }
}

/** Some records are longer than a slot, so that files are replaced too. */
function recordOf(offset: number, seed: number): string {
  return `${offset}${' '.repeat(seed % 3 === 0 ? 6000 : 20)}`
}

/** Takes one of two locks again and again; a file made with O_EXCL witnesses that nobody else has it. */
async function lock(): Promise<void> {
  const locker = fileLocker(folder, { timeoutMs: 5000 })
  const counts = { granted: 0, overtaken: 0, busy: 0 }
  say('ready')
  const end = Date.now() + Number(process.argv[4] ?? 3000)
  while (Date.now() < end) {
    const id = `lock-${Math.floor(Math.random() * 2)}`.padEnd(24, 'x')
    const stop = new AbortController()
    try {
      const held = await locker.acquire(id, () => stop.abort())
      const witness = join(folder, '..', `${id}.witness`)
      closeSync(openSync(witness, 'wx'))
      await wait(Math.random() * 30, undefined, { signal: stop.signal }).catch(() => {})
      unlinkSync(witness)
      await held.release()
      counts.granted++
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'aborted') counts.overtaken++
      else if (code === 'server-busy') counts.busy++
      else {
        say(`failed ${String(error)} ${String((error as Error).cause)}`)
        process.exit(1)
      }
    }
  }
  say(JSON.stringify(counts))
}

/** Holds a lock until it is told that somebody else asks; says so. */
async function hold(): Promise<void> {
  const locker = fileLocker(folder)
  const id = 'held'.padEnd(24, 'x')
  const held = await locker.acquire(id, async () => {
    say('told')
    if (process.argv[4] !== 'stubborn') {
      await held.release()
      process.exit(0)
    }
  })
  say('ready')
  setInterval(() => {}, 1000)
}

const parts: Record<string, () => Promise<void>> = { loop, lock, hold }
await parts[what]?.()
