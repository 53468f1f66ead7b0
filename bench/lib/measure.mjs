/** One measurement: a fresh server, a warm-up, the load, the check of what was stored. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from './processes.mjs'
import { quantile } from './statistics.mjs'
import { checkStored, storedNames } from './stored.mjs'

const MiB = 1024 * 1024
const warmUpIndex = 1_000_000

/**
 * Uploads a load to a contender.
 *
 * @param {{ client: import('./processes.mjs').Client, place: (name: string) => string, round: number }} tools
 * @param {string} contender
 * @param load see `client/main.mjs`; `job` is the one for tus; `place` is `disk` or `tmpfs`; `warmUp` overrides parts of it for the warm-up;
 *   `keep`: files are deleted at the end of the run only (a file system that was just swept is slow)
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
    await client.run(job, { ...whole, ...warmUpOf(whole), firstIndex: warmUpIndex })
    const before = storedNames(folder)
    await server.reset()
    const started = await server.usage()
    const sent = await client.run(job, { ...whole, firstIndex: 0 })
    const ended = await server.usage()
    const { peak } = server.memory()
    const files = storedFilesOf(contender, wire, whole)
    await checkStored(folder, before, { ...files, kind: whole.kind, unit: whole.unit, firstIndex: 0 }, round === 0)
    const count = whole.requests * whole.files
    const cpu = ended.cpuSeconds - started.cpuSeconds
    return {
      rate: sent.bytes / MiB / sent.seconds,
      files: count / sent.seconds,
      median: quantile(sent.latencies, 0.5),
      p99: quantile(sent.latencies, 0.99),
      cpuPerGiB: (cpu / sent.bytes) * 1024 * MiB,
      cpuPer1000: (cpu / count) * 1000,
      memory: peak / MiB,
      blocked: ended.blockedMs,
    }
  } finally {
    await server.stop()
    if (!load.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
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
