/** What can be seen of a process from outside, and waiting for it. */
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'

/** What a process has open, without its sockets. */
export async function descriptors(pid: number): Promise<readonly string[]> {
  return (await openFiles(pid)).filter(target => !target.startsWith('socket:')).sort()
}

/** Connections of a process that are still open; the one to its parent does not count. */
export async function openSockets(pid: number): Promise<number> {
  const sockets = new Set((await openFiles(pid)).flatMap(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
  const table = (await readFile(`/proc/${pid}/net/tcp`, 'latin1')).split('\n').slice(1)
  const listening = '0A'
  return table
    .map(line => line.trim().split(/\s+/))
    .filter(cells => cells[3] !== listening && sockets.has(String(cells[9]))).length
}

/** What its descriptors lead to. */
export async function openFiles(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`
  const names = existsSync(folder) ? await readdir(folder) : []
  // The descriptor may be closed while we look.
  return (await Promise.all(names.map(name => readlink(joinPath(folder, name)).catch(() => '')))).filter(Boolean)
}

/** Waits until `read()` gives `expected`; fails with the difference. */
export async function becomes<T>(read: () => Promise<T>, expected: T, ms: number): Promise<void> {
  const end = performance.now() + ms
  for (;;) {
    const found = await read()
    if (performance.now() > end) return expect(found).toEqual(expected)
    if (JSON.stringify(found) === JSON.stringify(expected)) return
    await delay(5)
  }
}

export async function until(condition: () => Promise<boolean>, ms: number): Promise<void> {
  await becomes(condition, true, ms)
}
