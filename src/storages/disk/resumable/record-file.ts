/** Making, reading and replacing record files. */
import type { FileHandle } from 'node:fs/promises'
import { errnoOf, misuse, unless } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import { createFlags } from '../folder.ts'
import type { Opened } from '../opened.ts'
import { ownOwner } from '../owner.ts'
import { placeNew } from '../place.ts'
import type { Room } from '../room.ts'
import { temporaryName } from '../temporaries.ts'
import { writeSpans } from '../write.ts'
import { openData, readUpTo } from './data.ts'
import { recordName } from './names.ts'
import type { OpenFile } from './open-files.ts'
import { newRecordFile, nextSlot, type RecordFile, readRecordFile, smallestFile } from './record.ts'

/**
 * Writes the first record. The name is not durable yet.
 *
 * @returns the folder it is in: a new one when ours had been deleted
 */
export async function createRecord(room: Room, opened: Opened, id: string, record: string): Promise<Opened> {
  const attempt = async (into: Opened) => {
    const { fs, options } = room
    const temporary = await writeTemporary(room, into, id, newRecordFile(record))
    try {
      const placed = await placeNew(fs, temporary, into.folder.temporary(recordName(id)), options.mode)
      if (!placed) throw misuse('an upload with this id is there already')
    } finally {
      await fs.unlink(temporary).catch(unless('ENOENT'))
    }
    return into
  }
  return attempt(opened).catch(async error => {
    if (errnoOf(error) !== 'ENOENT') throw error
    return attempt(await room.reopened(opened))
  })
}

/** The record file as it stands; undefined when there is none. */
export async function readRecord(fs: FileSystem, path: string): Promise<RecordFile | undefined> {
  const handle = await openData(fs, path, 0, 'read').catch(unless('ENOENT'))
  if (!handle) return undefined
  try {
    return await contentOf(handle)
  } finally {
    await handle.close()
  }
}

/**
 * Replaces the record: old or new after a crash, durable when it resolves.
 *
 * @param held the open data file of the upload, if there is one: it remembers what the record file is like
 */
export async function replaceRecord(
  room: Room,
  opened: Opened,
  id: string,
  record: string,
  held: OpenFile | undefined,
): Promise<void> {
  const handle = await openData(room.fs, opened.folder.temporary(recordName(id)), 0, 'write')
  let number: bigint
  try {
    const file = held?.record ?? (await contentOf(handle))
    if (held) held.record = undefined
    const slot = nextSlot(file, record)
    if (slot) {
      await writeSpans(handle, [slot.bytes], file.nextAt)
      if (room.options.durable) await handle.datasync().catch(doubt(room, id))
      if (held) held.record = slot.after
      return
    }
    number = file.current?.number ?? 0n
  } finally {
    await handle.close()
  }
  await rewriteRecord(room, opened, id, record, number + 1n)
}

/** The same by a new file and a rename: for a record that outgrew its slots, and where the old file is not to be believed. */
export async function rewriteRecord(
  room: Room,
  opened: Opened,
  id: string,
  record: string,
  number: bigint,
): Promise<void> {
  const temporary = await writeTemporary(room, opened, id, newRecordFile(record, number))
  try {
    await room.fs.rename(temporary, opened.folder.temporary(recordName(id)))
  } catch (error) {
    await room.fs.unlink(temporary).catch(() => {})
    throw error
  }
  await opened.folder.syncHidden().catch(doubt(room, id))
}

/** After a failed fsync the cache may show what the disk has not: old or new, nobody knows. */
function doubt(room: Room, id: string): (error: unknown) => never {
  return error => {
    room.resumables.doubtful.set(id, 'record')
    throw error
  }
}

async function writeTemporary(room: Room, { folder }: Opened, id: string, bytes: Uint8Array): Promise<string> {
  const path = folder.temporary(temporaryName(`${id}-record`, await ownOwner()))
  const handle = await room.fs.open(path, createFlags, room.options.mode)
  try {
    await writeSpans(handle, [bytes], 0)
    if (room.options.durable) await handle.sync()
    return path
  } catch (error) {
    await room.fs.unlink(path).catch(() => {})
    throw error
  } finally {
    await handle.close()
  }
}

async function contentOf(handle: FileHandle): Promise<RecordFile> {
  // Nearly all are of the smallest size: one call, without asking for the size before. The byte too many shows the end.
  const bytes = new Uint8Array(smallestFile + 1)
  const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, 0)
  const file = bytesRead === smallestFile ? readRecordFile(bytes.subarray(0, smallestFile)) : undefined
  return file?.current ? file : readRecordFile(await readUpTo(handle, 0, Number.MAX_SAFE_INTEGER))
}
