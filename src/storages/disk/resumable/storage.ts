/** Resumable uploads on disk: bytes and record in the hidden folder, until they become a file. */
import type { FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ResumableCommit, ResumableStorage, StoredFile } from '../../../upload/ports.ts'
import { assertPlainName } from '../commit.ts'
import { misuse, storageError, unless } from '../errors.ts'
import type { Opened } from '../opened.ts'
import { tagOf } from '../read.ts'
import type { Room } from '../room.ts'
import { writeSpans } from '../write.ts'
import { commitData, visibleNameOf } from './commit.ts'
import { openData, readUpTo } from './data.ts'
import { dataName, isUploadId, recordedIds, recordName } from './names.ts'
import type { OpenFile } from './open-files.ts'
import { createRecord, readRecord, replaceRecord, rewriteRecord } from './record-file.ts'

/** Bytes per piece of a copy; one such piece is in memory per `concat`. */
const pieceSize = 1024 * 1024

/** Records read ahead by `records()`. */
const batchSize = 32

/**
 * The capability `resumable` of the disk storage.
 *
 * `<id>.data` holds the bytes, `<id>.record` the record; neither belongs to a process. The record is made first and
 * deleted first, so a crash leaves a record without bytes at worst, which expires, or bytes without a record, which the
 * next start sweeps.
 *
 * A save costs one fdatasync of the bytes and one of the record (see `record.ts` for its two slots): about half a
 * millisecond more than the first alone.
 *
 * A commit links the bytes to the visible name and leaves them in the hidden folder too, until the next `save` has made
 * the record of the finished upload durable. So a crash between the two loses nothing: the same commit called again
 * finds the name it has given and returns it. Where there are no hard links the bytes are moved, and it cannot.
 */
export class DiskResumables implements ResumableStorage {
  readonly #path: string
  readonly #room: () => Room
  readonly #roomInUse: () => Room | undefined

  /**
   * @param path of the visible folder
   * @param room of that path, made if there is none
   * @param roomInUse the same, if there is one
   */
  constructor(path: string, room: () => Room, roomInUse: () => Room | undefined) {
    this.#path = path
    this.#room = room
    this.#roomInUse = roomInUse
  }

  async create(id: string, record: string): Promise<void> {
    if (!isUploadId(id)) throw misuse('the id is not one')
    await this.#inside(async (opened, room) => {
      const { folder } = await createRecord(room, opened, id, record)
      const path = folder.temporary(dataName(id))
      try {
        const handle = await openData(room.fs, path, room.options.mode, 'new')
        try {
          if (room.options.durable) await Promise.all([handle.sync(), folder.syncHidden()])
        } finally {
          await handle.close()
        }
      } catch (error) {
        for (const name of [recordName(id), dataName(id)]) await room.fs.unlink(folder.temporary(name)).catch(() => {})
        throw error
      }
    })
  }

  async load(id: string): Promise<string | undefined> {
    if (!isUploadId(id)) return undefined
    return this.#inside(async (opened, room) => {
      const record = (await readRecord(room.fs, opened.folder.temporary(recordName(id))))?.current
      const { doubtful } = room.resumables
      if (record && doubtful.get(id) === 'record') await rewriteRecord(room, opened, id, record.record, record.number)
      doubtful.delete(id)
      return record?.record
    })
  }

  async save(id: string, record: string): Promise<void> {
    await this.#inside(async (opened, room) => {
      const { files, doubtful, committed } = room.resumables
      assertUsable(room, id)
      try {
        if (!committed.has(id) && room.options.durable) await syncData(room, opened, id)
        await replaceRecord(room, opened, id, record, files.find(id))
      } catch (error) {
        // A handle whose fsync failed is never asked again.
        if (doubtful.has(id)) await files.close(id)
        throw error
      }
      if (committed.delete(id)) await room.fs.unlink(opened.folder.temporary(dataName(id))).catch(unless('ENOENT'))
    })
  }

  async write(id: string, offset: number, spans: readonly Uint8Array[]): Promise<void> {
    await this.#inside(async (opened, room) => {
      assertUsable(room, id)
      if (room.resumables.committed.has(id)) throw misuse('the upload is a file already')
      await withData(room, opened, id, async (handle, file) => {
        if (!file.hidden && (await visibleNameOf(room.fs, opened.folder, opened.folder.temporary(dataName(id)))))
          throw misuse('the upload is a file already')
        file.hidden = true
        await writeSpans(handle, spans, offset)
        file.synced = false
      })
    })
  }

  async readAt(id: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#inside((opened, room) => withData(room, opened, id, handle => readUpTo(handle, offset, length)))
  }

  async concat(id: string, offset: number, sources: readonly { id: string; size: number }[]): Promise<void> {
    await this.#inside(async (opened, room) => {
      let at = offset
      for (const source of sources) {
        const from = await openData(room.fs, opened.folder.temporary(dataName(source.id)), 0, 'read')
        try {
          for (let done = 0; done < source.size; ) {
            const piece = await readUpTo(from, done, Math.min(pieceSize, source.size - done))
            if (piece.byteLength === 0) throw misuse('a source is shorter than it was said to be')
            await this.write(id, at, [piece])
            done += piece.byteLength
            at += piece.byteLength
          }
        } finally {
          await from.close()
        }
      }
    })
  }

  async commit(uploads: readonly ResumableCommit[]): Promise<readonly StoredFile[]> {
    for (const { name } of uploads) assertPlainName(name)
    if (new Set(uploads.map(({ id }) => id)).size < uploads.length) throw misuse('the same upload is listed twice')
    if (uploads.length === 0) return []
    return this.#inside(async (opened, room) => {
      for (const { id } of uploads) {
        assertUsable(room, id)
        await room.resumables.files.close(id)
      }
      const names = await commitData(room, opened, uploads)
      const tags = await Promise.all(names.map(name => tagOf(room.fs, opened.folder.child(name))))
      for (const { id } of uploads) room.resumables.committed.add(id)
      return uploads.map(({ id, size }, index) => {
        const name = names[index] as string
        const tag = tags[index]
        return { id, name, size, path: resolve(this.#path, name), ...(tag !== undefined && { tag }) }
      })
    })
  }

  async release(id: string): Promise<void> {
    await this.#roomInUse()?.resumables.files.close(id)
  }

  async remove(id: string): Promise<void> {
    if (!isUploadId(id)) return
    await this.#inside(async ({ folder }, room) => {
      const { files, doubtful, committed } = room.resumables
      for (const name of [recordName(id), dataName(id)]) {
        await room.fs.unlink(folder.temporary(name)).catch(unless('ENOENT'))
      }
      await files.close(id)
      doubtful.delete(id)
      committed.delete(id)
    })
  }

  async *records(): AsyncGenerator<{ readonly id: string; readonly record: string }> {
    const ids = await this.#inside(({ folder }, room) => recordedIds(room.fs, folder.hidden))
    for (let at = 0; at < ids.length; at += batchSize) {
      const batch = ids.slice(at, at + batchSize)
      const found = await this.#inside(({ folder }, room) =>
        Promise.all(batch.map(id => readRecord(room.fs, folder.temporary(recordName(id))))),
      )
      for (const [index, file] of found.entries()) {
        if (file?.current) yield { id: batch[index] as string, record: file.current.record }
      }
    }
  }

  /** Keeps the folder open for an operation, and says every failure in words. */
  async #inside<T>(operation: (opened: Opened, room: Room) => Promise<T>): Promise<T> {
    const room = this.#room()
    try {
      const opened = await room.enter()
      try {
        return await operation(opened, room)
      } finally {
        await room.leave()
      }
    } catch (error) {
      throw storageError(error)
    }
  }
}

function assertUsable(room: Room, id: string): void {
  if (!isUploadId(id)) throw misuse('the id is not one')
  if (room.resumables.doubtful.has(id)) throw misuse('a save failed before; load the record and go on from there')
}

/** The open file holds the folder too, so that paths through its descriptor stay good. */
function withData<T>(
  room: Room,
  opened: Opened,
  id: string,
  operation: (handle: FileHandle, file: OpenFile) => Promise<T>,
): Promise<T> {
  const open = async () => {
    await room.enter()
    return openData(room.fs, opened.folder.temporary(dataName(id)), 0, 'write').catch(async error => {
      await room.leave()
      throw error
    })
  }
  return room.resumables.files.use(id, open, operation)
}

async function syncData(room: Room, opened: Opened, id: string): Promise<void> {
  const sync = async (handle: FileHandle, file: OpenFile) => {
    if (file.synced) return
    file.synced = true
    await handle.datasync().catch(error => {
      room.resumables.doubtful.set(id, 'bytes')
      throw error
    })
  }
  // A finished upload, saved once more: its bytes are a file and were durable before that.
  await withData(room, opened, id, sync).catch(unless('ENOENT'))
}
