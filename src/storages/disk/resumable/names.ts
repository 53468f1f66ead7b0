/** The names of a resumable upload's two files, and the sweep of what a crash left of them. */

import { unless } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import { eachOf } from '../temporaries.ts'

const dataEnding = '.data'
const recordEnding = '.record'

/** The bytes. */
export function dataName(id: string): string {
  return id + dataEnding
}

/** What the engine wrote down. */
export function recordName(id: string): string {
  return id + recordEnding
}

/** What upload ids look like. */
export function isUploadId(id: string): boolean {
  return /^[A-Za-z0-9_-]{22,64}$/.test(id)
}

/** The ids that have a record, in no order. */
export async function recordedIds(fs: FileSystem, folder: string): Promise<string[]> {
  const names = await fs.readdir(folder)
  return names.filter(name => name.endsWith(recordEnding)).map(name => name.slice(0, -recordEnding.length))
}

/**
 * Deletes the bytes whose record is gone: a `remove` was interrupted. The record is the first to be made and the first
 * to be deleted, so bytes without one belong to nobody, in whichever process.
 */
export async function sweepOrphans(fs: FileSystem, folder: string, pathOf: (name: string) => string): Promise<void> {
  const names = await fs.readdir(folder)
  const known = new Set(names)
  const ids = names.filter(name => name.endsWith(dataEnding)).map(name => name.slice(0, -dataEnding.length))
  const suspects = ids.filter(id => isUploadId(id) && !known.has(recordName(id)))
  await eachOf(suspects, async id => {
    // Asked again: the listing may have missed a record that was made while it ran.
    const record = await fs.lstat(pathOf(recordName(id))).catch(unless('ENOENT'))
    if (!record) await fs.unlink(pathOf(dataName(id))).catch(unless('ENOENT'))
  })
}
