/** A process of its own with a disk storage, for the tests that kill it. `node disk-child.ts <what> <folder>` */
import { closeSync, openSync } from 'node:fs'
import { diskStorage } from '../../src/disk.ts'

const [what = '', folder = ''] = process.argv.slice(2)
const storage = diskStorage(folder)

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const id = `${process.pid}-`.padEnd(30, 'x')

/** Holds an open upload; commits it when a line comes in. */
async function hold(): Promise<void> {
  await storage.prepare()
  await storage.create({ id, name: 'held.bin', type: '' })
  await storage.append(id, 0, [Buffer.alloc(1_000_000, 'held')])
  process.stdin.once('data', async () => {
    const [file] = await storage.commit([{ id, name: 'held.bin' }])
    say(`committed ${file?.name}`)
    process.exit(0)
  })
  say('ready')
}

/** Uploads without end, four at a time; says each name after its commit. The content is the upload's id, repeated. */
async function loop(): Promise<void> {
  await storage.prepare()
  say('ready')
  let count = 0
  const worker = async () => {
    for (;;) {
      const one = `${id}${count++}`
      const piece = Buffer.alloc(100_000, `${one};`)
      await storage.create({ id: one, name: `${one}.bin`, type: '' })
      await storage.append(one, 0, [piece])
      await storage.append(one, piece.byteLength, [piece])
      await storage.commit([{ id: one, name: `${one}.bin` }])
      say(`committed ${one}.bin`)
    }
  }
  await Promise.all([worker(), worker(), worker(), worker()])
}

/** Uploads while this process has no descriptor left, then again with one to spare. */
async function starve(): Promise<void> {
  await storage.prepare()
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    // That was the last one.
  }
  await storage.create({ id, name: 'a.bin', type: '' })
  const error = await Promise.resolve(storage.append(id, 0, [Buffer.from('x')])).catch((reason: unknown) => reason)
  for (const descriptor of taken) closeSync(descriptor)
  const { code, status, message } = error as { code: string; status: number; message: string }
  say(JSON.stringify({ code, status, message }))
  await storage.remove(id)
  await storage.create({ id, name: 'a.bin', type: '' })
  await storage.append(id, 0, [Buffer.from('x')])
  say(JSON.stringify(await storage.commit([{ id, name: 'a.bin' }])))
}

const parts: Record<string, () => Promise<void>> = { hold, loop, starve }
await parts[what]?.()
