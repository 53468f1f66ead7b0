/** The names of temporary files, and the sweep of those that a crash left behind. */
import type { FileHandle } from 'node:fs/promises'
import { unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { isAlive, type Owner } from './owner.ts'

/** The hidden folder of a store. */
export const temporaryFolder = '.dropgate'

const hour = 60 * 60 * 1000

/** How long a temporary of another machine or container must lie untouched before we call it dead. */
export const strangerPatience = 24 * hour

const temporaryEnding = 'tmp'

/** `<id>.<pid>.<start>.<boot>.<space>.tmp`; ids have no dots. */
export function temporaryName(id: string, owner: Owner): string {
  return ownedName(id, owner, temporaryEnding)
}

/** The same with another ending. */
export function ownedName(id: string, owner: Owner, ending: string): string {
  return `${id}.${owner.pid}.${owner.start}.${owner.boot}.${owner.space}.${ending}`
}

/** The owner that a name tells; undefined when the name is none of ours. */
export function ownerOf(name: string, ending: string = temporaryEnding): Owner | undefined {
  const [id, pid, start, boot, space, end, ...more] = name.split('.')
  if (!id || !pid || !start || !boot || !space || end !== ending || more.length > 0) return undefined
  return { pid, start, boot, space }
}

/** Whether the owner of a file in the temporary folder is dead. */
export type DeathJudge = (name: string, owner: Owner) => Promise<boolean>

/**
 * Of this machine and PID namespace: dead when the boot is another or the process is gone; of any other machine or
 * namespace: when the file is untouched for 24 hours.
 *
 * @param pathOf path of a name in the temporary folder
 * @param now milliseconds since 1970
 */
export function deathJudge(fs: FileSystem, pathOf: (name: string) => string, own: Owner, now: number): DeathJudge {
  const verdicts = new Map<string, Promise<boolean>>()
  return (name, owner) => {
    if (owner.space !== own.space) return untouchedSince(fs, pathOf(name), now - strangerPatience)
    if (owner.boot !== own.boot) return Promise.resolve(true)
    const key = `${owner.pid}.${owner.start}`
    const verdict = verdicts.get(key) ?? isAlive(owner).then(alive => !alive)
    verdicts.set(key, verdict)
    return verdict
  }
}

/**
 * Deletes the temporaries of the dead, as {@link deathJudge} judges them. Files with other names stay.
 *
 * @param pathOf path of a name in the temporary folder
 * @param now milliseconds since 1970
 * @param kept names that stay whoever owns them
 */
export async function sweep(
  fs: FileSystem,
  folder: string,
  pathOf: (name: string) => string,
  own: Owner,
  now: number,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const isDead = deathJudge(fs, pathOf, own, now)
  const names = await fs.readdir(folder)
  await eachOf(names, async name => {
    const owner = kept.has(name) ? undefined : ownerOf(name)
    if (owner && (await isDead(name, owner))) await fs.unlink(pathOf(name)).catch(unless('ENOENT'))
  })
}

/**
 * Touches the open temporaries once an hour, so that other machines on the share see that they live (a paused upload
 * writes nothing). The timer keeps no process alive.
 *
 * @returns stops it
 */
export function keepFresh(handles: () => Iterable<FileHandle>, interval: number = hour): () => void {
  const timer = setInterval(() => {
    const now = new Date()
    // A handle may be closing at this very moment; then its upload is over anyway.
    for (const handle of handles()) handle.utimes(now, now).catch(() => {})
  }, interval)
  timer.unref()
  return () => clearInterval(timer)
}

async function untouchedSince(fs: FileSystem, path: string, time: number): Promise<boolean> {
  const found = await fs.lstat(path).catch(unless('ENOENT'))
  return found !== undefined && found.mtimeMs < time
}

/** Runs `work` for each item, 32 at a time: enough to keep the pool busy, few enough to keep memory flat. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: Math.min(32, items.length) }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}
