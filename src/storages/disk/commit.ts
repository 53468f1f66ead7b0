/** The commit of a list of uploads: all or none. */
import { UploadError } from '../../sansio/errors.ts'
import type { CommitItem } from '../../upload/ports.ts'
import type { FileSystem } from './file-system.ts'
import { endJournal, writeJournal } from './list-journal.ts'
import { ownOwner } from './owner.ts'
import { isPlainName } from './plain-name.ts'
import type { Room, Upload } from './room.ts'
import { temporaryName } from './temporaries.ts'

/**
 * Bytes to the disk, then the names, then the folder; whatever fails takes back the names already given. A list of
 * several has a journal from before its first name until after its last, so that a crash cannot part it.
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
  const fs = namingFileSystem(room, uploads)
  const owner = await ownOwner()
  const entries = uploads.map(({ facts: { id } }, index) => ({
    temporary: temporaryName(id, owner),
    name: (list[index] as CommitItem).name,
  }))
  const journal = list.length > 1 ? await writeJournal(room.fs, folder, room.options, entries) : undefined
  const given: string[] = []
  try {
    for (const { name, temporary } of entries) given.push(await names.take(name, folder.temporary(temporary), fs))
    if (journal) {
      await folder.sync()
      await endJournal(room.fs, folder, journal)
    }
    // A temporary that cannot be deleted is a second name of a good file: the next start sweeps it.
    await Promise.all(entries.map(({ temporary }) => fs.unlink(folder.temporary(temporary)).catch(() => {})))
    if (!journal) await (fs === room.fs ? folder.sync() : folder.check(fs))
    for (const upload of uploads) upload.committed = true
    return given
  } catch (error) {
    await Promise.all(given.map(name => room.fs.unlink(folder.child(name)).catch(() => {})))
    await folder.sync().catch(() => {})
    if (journal) await endJournal(room.fs, folder, journal).catch(() => {})
    throw error
  }
}

/** Names are given in the way the bytes were written. */
function namingFileSystem(room: Room, uploads: readonly Upload[]): FileSystem {
  return uploads.every(upload => upload.inline) ? (uploads[0]?.inline ?? room.fs) : room.fs
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
