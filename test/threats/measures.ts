/** What things cost, and what the parser alone makes of a body. */
import { readFile, writeFile } from 'node:fs/promises'
import { isUploadError } from '../../src/index.ts'
import { createMultipartParser } from '../../src/multipart.ts'
import { boundary } from './forms.ts'
import type { Run } from './support.ts'

/** How a body ends for the parser, fed in pieces of `size` bytes: `'end'`, or the code of its error. */
export function outcome(body: Uint8Array, size: number, delimiter = boundary): string {
  return outcomeOf(() => {
    const parser = createMultipartParser(delimiter)
    let end = 'no end'
    for (let at = 0; at < body.length; at += size) {
      parser.push(body.subarray(at, at + size))
      for (let event = parser.read(); event; event = parser.read()) if (event.type === 'end') end = 'end'
    }
    parser.end()
    return end
  })
}

/** What an action returns, or the code of its refusal. */
export function outcomeOf(action: () => string): string {
  try {
    return action()
  } catch (error) {
    if (isUploadError(error)) return error.code
    throw error
  }
}

/** Milliseconds of processor time that an action takes at best: other processes do not count, nor does warming up. */
export function cheapest(action: () => unknown): number {
  const times = Array.from({ length: 4 }, () => {
    const before = process.cpuUsage()
    action()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  })
  return Math.min(...times)
}

/** By how many bytes the server's memory grew at most while `action` ran. */
export async function growth({ place }: Run, action: () => Promise<unknown>): Promise<number> {
  const { pid } = place.host
  // Makes the kernel forget the peak.
  await writeFile(`/proc/${pid}/clear_refs`, '5')
  const before = await memory(pid, 'VmRSS')
  await action()
  return (await memory(pid, 'VmHWM')) - before
}

async function memory(pid: number, row: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${row}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
}
