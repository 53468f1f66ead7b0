/** One measurement: a fresh server, a warm-up, the load, the check of what was stored. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from './processes.mjs'
import { quantile } from './statistics.mjs'
import { checkStored, storedNames } from './stored.mjs'
import { touchMemory } from './touch-memory.mjs'

const MiB = 1024 * 1024
const warmUpIndex = 1_000_000

/**
 * Uploads a load to a contender.
 *
 * @param {{ client: import('./processes.mjs').Client, place: (name: string) => string, round: number }} tools
 * @param {string} contender
 * @param load see `client/main.mjs`; `job` is the one for tus; `place` is `disk` or `tmpfs`; `warmUp` overrides parts of it for the warm-up;
 *   `keep`: files are deleted at the end of the run only (a file system that was just swept is slow); `turns`: how often
 *   the load is sent, `warmUpTurns`: and before the clock starts
 * @returns MiB/s, files/s, ms of a request (median and 99 of 100), CPU seconds, MiB of memory, longest block in ms
 */
export async function measureUpload(tools, contender, load) {
  const { client, place, round } = tools
  const folder = mkdtempSync(join(place(load.place ?? 'disk'), `${contender.replaceAll(/\W/g, '-')}-`))
  const wire = await wireOf(contender, load.wire)
  const job = wire === 'tus' ? load.job : 'upload'
  const server = await Server.start(contender, { folder })
  try {
    const whole = { files: 1, connections: 1, requests: 1, kind: 'random', ...load, wire, port: server.port }
    const count = whole.requests * whole.files
    touchMemory(Math.max(512 * MiB, 1.25 * count * whole.size * ((load.turns ?? 1) + (load.warmUpTurns ?? 0))))
    if (load.warmUpTurns) await send(client, job, whole, load.warmUpTurns, warmUpIndex)
    else await client.run(job, { ...whole, ...warmUpOf(whole), firstIndex: warmUpIndex })
    const before = storedNames(folder)
    await server.reset()
    const started = await server.usage()
    const sent = await send(client, job, whole, load.turns ?? 1, 0)
    const ended = await server.usage()
    const { peak } = server.memory()
    const { files, size } = storedFilesOf(contender, wire, whole)
    const stored = { files: files * (load.turns ?? 1), size, kind: whole.kind, unit: whole.unit, firstIndex: 0 }
    await checkStored(folder, before, stored, round === 0)
    const all = count * (load.turns ?? 1)
    const cpu = ended.cpuSeconds - started.cpuSeconds
    return {
      rate: sent.bytes / MiB / sent.seconds,
      files: all / sent.seconds,
      median: quantile(sent.latencies, 0.5),
      p99: quantile(sent.latencies, 0.99),
      cpuPerGiB: (cpu / sent.bytes) * 1024 * MiB,
      cpuPer1000: (cpu / all) * 1000,
      memory: peak / MiB,
      blocked: ended.blockedMs,
    }
  } finally {
    await server.stop()
    if (!load.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Sends a load several times, each time with files of its own; the client makes the requests of a turn before its clock starts. */
async function send(client, job, load, turns, firstIndex) {
  const sum = { seconds: 0, bytes: 0, latencies: [] }
  for (let turn = 0; turn < turns; turn++) {
    const sent = await client.run(job, { ...load, firstIndex: firstIndex + turn * load.requests * load.files })
    sum.seconds += sent.seconds
    sum.bytes += sent.bytes
    sum.latencies.push(...sent.latencies)
  }
  return sum
}

/** What the client can do at most with this load: against a server that throws everything away. */
export async function measureCeiling({ client }, load) {
  const server = await Server.start('sink', { folder: '' })
  try {
    const whole = { files: 1, connections: 1, requests: 1, kind: 'random', wire: 'form', ...load, port: server.port }
    await client.run('upload', { ...whole, ...warmUpOf(whole), firstIndex: warmUpIndex })
    const sent = await client.run('upload', { ...whole, firstIndex: 0 })
    return { rate: sent.bytes / MiB / sent.seconds, files: (whole.requests * whole.files) / sent.seconds }
  } finally {
    await server.stop()
  }
}

/** What a contender speaks of what a scenario wants: a raw receiver gets the bare file. */
export async function wireOf(contender, wanted = 'form') {
  const { wires } = await import(`../contenders/${contender.split('+')[0]}.mjs`)
  return wires.includes(wanted) ? wanted : 'raw'
}

/** Enough to have the code compiled: with fewer small requests the compiler's work is most of what is measured. */
function warmUpOf({ warmUp, requests, size, patchSize }) {
  if (warmUp) return warmUp
  if (patchSize) return { size: 64 * patchSize }
  return size < MiB ? { requests: 2 * requests } : { size: Math.min(size, 32 * MiB), requests: 3 }
}

/** A raw receiver makes one file of each request, unless it cuts. */
function storedFilesOf(contender, wire, { requests, files, size }) {
  const cuts = wire !== 'raw' || ['raw-files', 'raw-named'].includes(contender)
  return cuts ? { files: requests * files, size } : { files: requests, size: size * files }
}
