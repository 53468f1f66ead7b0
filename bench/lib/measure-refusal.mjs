/** One refusal: a fresh server that takes images only, and a form with something else. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from './processes.mjs'
import { storedNames } from './stored.mjs'

const MiB = 1024 * 1024

/**
 * @returns ms until the answer, its status (0: none arrived), MiB that the client had sent by then, and MiB that the
 *   server had read when it gave the answer
 */
export async function measureRefusal({ client, place }, contender, { size, reads }) {
  const folder = mkdtempSync(join(place('disk'), `${contender}-`))
  const server = await Server.start(contender, { folder, refuse: true })
  const load = { port: server.port, wire: 'form', kind: 'random', files: 1, firstIndex: 0, patience: 15_000 }
  try {
    await client.run('refuse', { ...load, size: MiB, reads: true })
    await server.reset()
    const { status, ms, sent } = await client.run('refuse', { ...load, size, reads })
    const { readAtAnswer } = await server.usage()
    const kept = storedNames(folder).length
    if (kept > 0 && contender.startsWith('dropgate')) throw new Error(`kept ${kept} refused files`)
    return { answer: ms, status, sent: sent / MiB, ...(readAtAnswer > 0 && { read: readAtAnswer / MiB }) }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
