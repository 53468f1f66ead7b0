/** Many uploads that have begun and go no further: what each of them holds. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { wireOf } from './measure.mjs'
import { Server } from './processes.mjs'

const KiB = 1024
const count = 1000
const settleMs = 500

/**
 * V8's young generation grows once with whatever is kept, to as much as 32 MiB for the whole process: with 1,000 uploads
 * that would be up to 32 KiB for each. It is held at its least, for all contenders.
 */
const nodeOptions = ['--max-semi-space-size=1']

/**
 * @returns KiB of resident memory and descriptors for each, and how many were stored when all went on; memory also after
 *   a garbage collection, which tells what is held from what is only not yet swept
 */
export async function measureHalfOpen({ client, place }, contender) {
  const folder = mkdtempSync(join(place('disk'), `${contender}-`))
  const server = await Server.start(contender, { folder }, nodeOptions)
  const whole = { port: server.port, wire: await wireOf(contender), kind: 'random', size: 64 * KiB, files: 1 }
  try {
    await client.run('upload', { ...whole, connections: 8, requests: 300, firstIndex: 1_000_000 })
    const before = await look(server)
    await client.run('hold', { ...whole, requests: count, firstIndex: 0, withheld: 63 * KiB })
    const during = await look(server)
    const { stored } = await client.run('release')
    if (stored !== count) throw new Error(`stored ${stored} files of ${count}`)
    return {
      held: (during.memory - before.memory) / count / KiB,
      heldAfterGc: (during.collected - before.collected) / count / KiB,
      descriptors: (during.descriptors - before.descriptors) / count,
      stored,
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function look(server) {
  await sleep(settleMs)
  const memory = server.memory().now
  await server.collect()
  await sleep(settleMs)
  return { memory, collected: server.memory().now, descriptors: server.descriptors() }
}
