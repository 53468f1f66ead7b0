/** Small files in one go: the calls that the system answers from memory, made without the detour over a pool thread. */
import { closeSync, fstatSync, linkSync, openSync, type Stats, statSync, unlinkSync, writevSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createFlags, type Folder } from './folder.ts'
import { tagIn } from './read.ts'
import { firstBatch, without } from './write.ts'

/** Bytes up to which a file is small. */
export const smallFile = 64 * 1024

/**
 * Calls that are done when they return. A call over the pool costs a small file more than its bytes do (there are seven
 * of them), and so does each promise that is waited for; but each of these stands in the way of everything else while it
 * runs, so they are made only where none can take long: nothing is fsynced, and the disk is in this machine.
 *
 * They are for the usual case. Whatever stands in the way is left to the long way, which knows what to do about it.
 */
export interface InlineCalls {
  /**
   * Makes a file with these bytes, open, written and closed; a failure leaves none.
   * @returns its tag
   */
  writeWhole(path: string, mode: number, spans: readonly Uint8Array[]): string
  link(from: string, to: string): void
  unlink(path: string): void
  stat(path: string): Stats
}

/** The real ones. */
export const inlineCalls: InlineCalls = {
  link: linkSync,
  unlink: unlinkSync,
  stat: path => statSync(path),
  writeWhole(path, mode, spans) {
    const descriptor = openSync(path, createFlags, mode)
    try {
      // An empty span is nothing to write, not a write that failed.
      for (let rest = without(spans, 0); rest.length > 0; ) rest = without(rest, written(descriptor, firstBatch(rest)))
      return tagIn(fstatSync(descriptor, { bigint: true }))
    } catch (error) {
      unlinkSync(path)
      throw error
    } finally {
      closeSync(descriptor)
    }
  },
}

/** Links, if the new name is free. @returns false where it was not done, for whatever reason */
export function linkNow(calls: InlineCalls, from: string, to: string): boolean {
  try {
    calls.link(from, to)
    return true
  } catch {
    return false
  }
}

/** A temporary that cannot be deleted is a second name of a good file: the next start sweeps it. */
export function unlinkNow(calls: InlineCalls, path: string): undefined {
  try {
    calls.unlink(path)
  } catch {}
}

/**
 * Gives a temporary its visible name, if that is free and the path people know still leads to the folder.
 * @returns false where it was not done, for whatever reason
 */
export function moveNow(calls: InlineCalls, folder: Folder, temporary: string, name: string): boolean {
  if (!isAtItsPath(calls, folder) || !linkNow(calls, temporary, folder.child(name))) return false
  unlinkNow(calls, temporary)
  return true
}

/** Those that were at their path in this turn of the event loop: many names may be given in one. */
const atTheirPaths = new Set<Folder>()

/** Once a turn is often enough: between a look and a name there is always a moment. */
export function isAtItsPath(calls: InlineCalls, folder: Folder): boolean {
  if (atTheirPaths.has(folder)) return true
  try {
    if (!folder.is(calls.stat(folder.path))) return false
  } catch {
    return false
  }
  if (atTheirPaths.size === 0) setImmediate(() => atTheirPaths.clear())
  atTheirPaths.add(folder)
  return true
}

function written(descriptor: number, spans: Uint8Array[]): number {
  const count = writevSync(descriptor, spans)
  if (count === 0) throw new Error('The file system accepted no byte')
  return count
}

/** Of Linux's statfs(2): ext2 to 4, XFS, Btrfs, F2FS, ZFS, tmpfs, overlayfs. */
const localFileSystems = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0x01021994, 0x794c7630])

/** Whether a folder is known to lie on a disk of this machine; a network share may take its time for anything. */
export async function isLocal(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const { type } = await statfs(folder)
  return localFileSystems.has(type)
}
