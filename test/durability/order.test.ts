/** Promise 1: the answer comes after bytes and name are on stable storage. Seen from outside, by strace. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, temporaryFolder } from '../support/server-process.ts'
import {
  brokenFolderPromises,
  brokenPromises,
  type Call,
  callsOf,
  parseTrace,
  steps,
  type Uploaded,
  waitsForDisk,
} from './trace.ts'

const hasStrace = spawnSync('strace', ['-V']).status === 0
const watched =
  'openat,mkdir,mkdirat,write,writev,pwrite64,pwritev,fsync,fdatasync,link,linkat,unlink,unlinkat,sendto,sendmsg'
const size = 3_000_000
const name = 'holiday.bin'

describe.skipIf(!hasStrace)('the order of one upload (needs strace)', () => {
  const base = temporaryFolder()
  const uploaded: Uploaded = { folder: join(base.path, 'store'), name, size }
  let calls: readonly Call[] = []

  beforeAll(async () => {
    mkdirSync(uploaded.folder)
    calls = await traceOfUpload(base.path, uploaded.folder)
  })
  afterAll(base.remove)

  it('is write, fsync of the file, link, unlink, fsync of the folder, answer', () => {
    expect(brokenPromises(calls, uploaded)).toEqual([])
  })

  it.each(steps)('is not accepted without: %s', step => {
    const taken = callsOf(step, calls, uploaded)
    expect(taken.length).toBeGreaterThan(0)
    const broken = brokenPromises(
      calls.filter(call => !taken.includes(call)),
      uploaded,
    )
    expect(broken).toHaveLength(1)
    expect(broken[0]).toContain(`${step}:`)
  })

  it('is not accepted with one batch of bytes missing', () => {
    const last = callsOf('write', calls, uploaded).at(-1)
    expect(
      brokenPromises(
        calls.filter(call => call !== last),
        uploaded,
      ),
    ).toHaveLength(1)
  })

  it.each(steps.slice(1))('is not accepted with this too early: %s', step => {
    const moved = callsOf(step, calls, uploaded)
    const before = callsOf(steps[steps.indexOf(step) - 1] ?? 'write', calls, uploaded).at(-1)?.start ?? 0
    const early = calls.map(call => (moved.includes(call) ? { ...call, start: before, end: before } : call))
    expect(brokenPromises(early, uploaded).join()).toContain(`${step}:`)
  })

  it('takes in the folders that were made for it', async () => {
    const fresh = join(base.path, 'fresh')
    const folder = join(fresh, 'deeper')
    const trace = await traceOfUpload(base.path, folder)
    const there = { ...uploaded, folder }
    expect(brokenPromises(trace, there)).toEqual([])
    for (const made of [fresh, folder]) {
      expect(brokenFolderPromises(trace, made, there)).toEqual([])
      const without = trace.filter(call => !(waitsForDisk(call) && call.paths[0] === made))
      expect(brokenFolderPromises(without, made, there)).toHaveLength(1)
    }
  })

  it('waits for no disk with durable: false, and the judge notices', async () => {
    const folder = join(base.path, 'fast')
    const trace = await traceOfUpload(base.path, folder, true)
    expect(trace.filter(waitsForDisk)).toEqual([])
    expect(brokenPromises(trace, { ...uploaded, folder }).map(sentence => sentence.split(':')[0])).toEqual([
      'fsync of the file',
      'fsync of the folder',
    ])
  })
})

describe('reading a trace', () => {
  it('joins a call that another thread interrupted', () => {
    const text = ['7 fsync(5</a/b> <unfinished ...>', '8 write(1</c>, "x", 1) = 1', '7 <... fsync resumed>) = 0']
    expect(parseTrace(text.join('\n'))).toEqual([
      { name: 'write', args: '1</c>, "x", 1', result: '1', paths: ['/c'], start: 1, end: 1 },
      { name: 'fsync', args: '5</a/b>', result: '0', paths: ['/a/b'], start: 0, end: 2 },
    ])
  })

  it('follows descriptors to their folders', () => {
    const text = [
      '7 openat(AT_FDCWD</>, "/store", O_RDONLY) = 24</store>',
      '7 link("/proc/7/fd/24/.dropgate/x.tmp", "/proc/self/fd/24/a \\"b\\".txt") = 0',
    ]
    expect(parseTrace(text.join('\n'))[1]?.paths).toEqual(['/store/.dropgate/x.tmp', '/store/a \\"b\\".txt'])
  })
})

/** The calls of a server from its start to its end, with one upload between. */
async function traceOfUpload(base: string, folder: string, fast = false): Promise<readonly Call[]> {
  const file = join(base, 'trace')
  const under = ['strace', '-f', '-y', '-s', '64', '-e', `trace=${watched}`, '-o', file]
  const server = await startServer('node', folder, { fast, under })
  try {
    const form = new FormData()
    form.append('file', new Blob([randomBytes(size)]), name)
    const answer = await fetch(`http://127.0.0.1:${server.port}/uploads`, { method: 'POST', body: form })
    expect(answer.status, await answer.text()).toBe(201)
  } finally {
    await server.stop()
  }
  return parseTrace(readFileSync(file, 'latin1'))
}
