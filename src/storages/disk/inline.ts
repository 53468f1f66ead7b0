/** Small files in one go: the calls that the system answers from memory, made without the detour over a pool thread. */
import { closeSync, fstatSync, linkSync, openSync, statSync, unlinkSync, writevSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { createFlags } from './folder.ts'
import { tagIn } from './read.ts'
import { firstBatch, without } from './write.ts'

/** Bytes up to which a file is small. */
export const smallFile = 64 * 1024

/**
 * A file system whose calls are done when they return. A call over the pool costs a small file more than its bytes do
 * (there are seven of them); but each of these stands in the way of everything else while it runs, so they are made
 * only where none can take long: nothing is fsynced, and the disk is in this machine.
 */
export interface InlineFileSystem extends FileSystem {
  /**
   * Makes a file with these bytes, open, written and closed; a failure leaves none.
   * @returns its tag
   */
  writeWhole(path: string, mode: number, spans: readonly Uint8Array[]): string
}

/** The real one. */
export const inlineFileSystem: InlineFileSystem = {
  ...nodeFileSystem,
  link: async (from, to) => linkSync(from, to),
  unlink: async path => unlinkSync(path),
  stat: (async (path, options) => statSync(path, options)) as FileSystem['stat'],
  writeWhole(path, mode, spans) {
    const descriptor = openSync(path, createFlags, mode)
    try {
      for (let rest = spans; rest.length > 0; ) rest = without(rest, written(descriptor, firstBatch(rest)))
      return tagIn(fstatSync(descriptor, { bigint: true }))
    } catch (error) {
      unlinkSync(path)
      throw error
    } finally {
      closeSync(descriptor)
    }
  },
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
