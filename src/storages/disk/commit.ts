/** The commit of a list of uploads: all or none. */
import { UploadError } from '../../sansio/errors.ts'
import type { CommitItem } from '../../upload/ports.ts'
import type { Room, Upload } from './room.ts'

/**
 * Bytes to the disk, then the names, then the folder; whatever fails takes back the names already given.
 *
 * @param list of the same order and length as `uploads`
 * @returns the names given, in order
 */
export async function commitAll(
  room: Room,
  uploads: readonly Upload[],
  list: readonly CommitItem[],
): Promise<readonly string[]> {
  await allOrFirstFailure(uploads.map(upload => upload.seal()))
  const { folder, names } = await room.opened()
  const temporaries = await Promise.all(uploads.map(upload => upload.temporary()))
  const given: string[] = []
  try {
    for (const [index, temporary] of temporaries.entries()) {
      given.push(await names.take((list[index] as CommitItem).name, temporary))
    }
    // A temporary that cannot be deleted is a second name of a good file: the next start sweeps it.
    await Promise.all(temporaries.map(path => room.fs.unlink(path).catch(() => {})))
    await folder.sync()
    for (const upload of uploads) upload.committed = true
    return given
  } catch (error) {
    await Promise.all(given.map(name => room.fs.unlink(folder.child(name)).catch(() => {})))
    await folder.sync().catch(() => {})
    throw error
  }
}

/** Waits for all of them, so that nothing runs on after a failure. */
async function allOrFirstFailure(all: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(all)) if (result.status === 'rejected') throw result.reason
}

/**
 * Names reach a storage cleaned. This is the second lock on the same door, right before a path is built.
 *
 * @throws UploadError `name-not-allowed`
 */
export function assertPlainName(name: string): void {
  if (!isPlainName(name)) throw new UploadError('name-not-allowed')
}

/** One visible path component: not empty, no leading dot (so not `.` nor `..`), no separator, no NUL. */
export function isPlainName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name)
}
