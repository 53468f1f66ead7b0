/** The disk storage: files in a folder, each whole and durable or not there. */
import { join, resolve } from 'node:path'
import type { UploadError } from '../../sansio/errors.ts'
import { OptionError } from '../../sansio/option-error.ts'
import type {
  CommitItem,
  ListedFile,
  NewUpload,
  Pending,
  ReadableFile,
  ResumableStorage,
  Storage,
  StoredFile,
  UploadState,
} from '../../upload/ports.ts'
import { assertPlainName, commitAll } from './commit.ts'
import { misuse, storageError } from './errors.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { type Helper, helper } from './helper/helper.ts'
import { type InlineCalls, inlineCalls } from './inline.ts'
import type { RoomTools } from './opened.ts'
import { isPlainName } from './plain-name.ts'
import { deleteFile, listFiles, readFile } from './read.ts'
import { DiskResumables } from './resumable/storage.ts'
import { Room } from './room.ts'
import { Upload } from './upload.ts'

/** Options of {@link diskStorage}. */
export interface DiskStorageOptions {
  /**
   * Permissions of the files, as in `chmod`; the umask of the process is applied. Folders that are made get the same
   * plus `x` for whoever may read: 0o600 gives 0o700, 0o644 gives 0o755. Default `0o600`.
   */
  readonly mode?: number
  /** Whether a commit waits until bytes and names are on stable storage (fsync). Default true. */
  readonly durable?: boolean
}

/** What {@link diskStorage} returns: a storage that can list, read, delete, resume, and save elsewhere. */
export interface DiskStorage extends Storage {
  prepare(): Pending
  readAt(id: string, offset: number, length: number): Promise<Uint8Array>
  list(): Promise<readonly ListedFile[]>
  read(name: string): Promise<ReadableFile | undefined>
  delete(name: string, tag?: string): Promise<boolean>
  readonly resumable: ResumableStorage
  at(path: string): DiskStorage
}

/**
 * Keeps files in a folder, which is made if it is missing.
 *
 * An upload is written to a temporary file in the hidden folder `.dropgate/` of the same folder. A commit writes it out
 * (fsync), links it to its final name, deletes the temporary and writes out the folder (fsync, one for all commits that
 * wait), so no visible name is ever partial and nothing is overwritten: a taken `photo.jpg` makes a `photo (1).jpg`.
 * What a crash leaves in `.dropgate/` is deleted at the next start. For a list of uploads, all or none holds across a
 * crash as well: a journal in `.dropgate/` tells the next start which names are missing, and it gives them.
 *
 * Where the file system has no hard links (FAT, some network shares) the name is reserved by an empty file, which a
 * rename then replaces. The promises are the same but for two: for a moment a reader can see the name with an empty
 * file, and a crash in that moment leaves it.
 *
 * Resumable uploads wait in `.dropgate/` too, as bytes and a record each that belong to no process; they stay until they
 * are committed or removed.
 *
 * On Linux the folder is opened once and held, so it cannot be swapped for a symbolic link later; if that happens,
 * uploads are refused until the next start. Each open upload with bytes holds one descriptor.
 *
 * @param folder resolved against the working directory
 * @throws OptionError when an option makes no sense
 * @example
 * const uploads = dropgate({ path: '/uploads', storage: diskStorage('./var/uploads', { mode: 0o640 }) })
 */
export function diskStorage(folder: string, options: DiskStorageOptions = {}): DiskStorage {
  return openDiskStorage(folder, options, nodeFileSystem, inlineCalls, helper)
}

/**
 * {@link diskStorage} on a given file system: the seam for tests. Internal.
 * @param inline undefined: small files go the way of large ones
 * @param helper undefined: they are all done on the event loop
 */
export function openDiskStorage(
  folder: string,
  options: DiskStorageOptions,
  fs: FileSystem,
  inline?: InlineCalls,
  helper?: Helper,
): DiskStorage {
  const { mode = 0o600, durable = true } = options
  if (typeof folder !== 'string' || folder === '') throw new OptionError('folder', folder, 'the path of a folder')
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777 || (mode & 0o200) === 0)
    throw new OptionError('mode', mode, 'file permissions that let the owner write, e.g. 0o600')
  if (typeof durable !== 'boolean') throw new OptionError('durable', durable, 'true or false')
  return new Disk(resolve(folder), { fs, inline, helper, mode, durable, rooms: new Map(), lasting: true })
}

interface Shared extends RoomTools {
  readonly mode: number
  readonly durable: boolean
  /** By path: storages of the same path, by way of `at`, share uploads, numbers and fsyncs. Only those in use. */
  readonly rooms: Map<string, Room>
  /** Whether `prepare` keeps the folder open for good. */
  readonly lasting: boolean
}

class Disk implements DiskStorage {
  readonly resumable: ResumableStorage
  readonly #path: string
  readonly #shared: Shared
  #prepared: Promise<void> | undefined
  #isPrepared = false

  constructor(path: string, shared: Shared) {
    this.#path = path
    this.#shared = shared
    this.resumable = new DiskResumables(
      path,
      () => this.#room(),
      () => shared.rooms.get(path),
    )
  }

  prepare(): Pending {
    if (this.#isPrepared) return undefined
    this.#prepared ??= this.#prepare().then(
      () => {
        this.#isPrepared = true
      },
      error => {
        this.#prepared = undefined
        throw storageError(error)
      },
    )
    return this.#prepared
  }

  create(facts: NewUpload): Pending {
    if (!/^[A-Za-z0-9_-]{22,64}$/.test(facts.id)) return Promise.reject(misuse('the id is not one'))
    const room = this.#room()
    if (room.uploads.has(facts.id)) return Promise.reject(misuse('an upload with this id is open already'))
    room.add(new Upload(facts, room))
    return room.enterNow() ? undefined : enter(room, facts)
  }

  append(id: string, offset: number, spans: readonly Uint8Array[], last = false): Pending {
    const upload = this.#shared.rooms.get(this.#path)?.uploads.get(id)
    if (!upload) return Promise.reject(noSuchUpload())
    if (offset !== upload.size) {
      return Promise.reject(misuse(`append at ${offset}, but ${upload.size} bytes are stored`))
    }
    let total = 0
    for (const { byteLength } of spans) total += byteLength
    if (last && upload.writeNow(spans, total)) return undefined
    return Upload.run([upload], async () => {
      if (total > 0) await upload.append(spans, total)
    })
  }

  async commit(list: readonly CommitItem[]): Promise<readonly StoredFile[]> {
    for (const { name } of list) assertPlainName(name)
    const uploads = list.map(({ id }) => this.#find(id))
    if (new Set(uploads).size < list.length) throw misuse('the same upload is listed twice')
    if (list.length === 0) return []
    const room = this.#room()
    const [only] = list as [CommitItem]
    const naming = list.length === 1 && uploads[0]?.nameNow(only.name)
    const isNamed = naming instanceof Promise ? await naming : naming
    const names = isNamed ? [only.name] : await Upload.run(uploads, () => commitAll(room, uploads, list))
    for (const { facts } of uploads) {
      const leaving = room.uploads.delete(facts.id) ? room.leave() : undefined
      if (leaving) await leaving
    }
    return uploads.map(({ facts: { id }, size, tag = '' }, index) => {
      const name = names[index] as string
      return { id, name, size, path: join(this.#path, name), tag }
    })
  }

  async remove(id: string): Promise<void> {
    const room = this.#shared.rooms.get(this.#path)
    const upload = room?.uploads.get(id)
    if (!room || !upload) return
    upload.removal ??= upload
      .erase()
      .catch(error => {
        throw storageError(error)
      })
      .finally(async () => {
        // A commit that was running may have ended it; then it is neither in the map nor ours to count.
        if (room.uploads.delete(id)) await room.leave()
      })
    await upload.removal
  }

  async stat(id: string): Promise<UploadState | undefined> {
    const upload = this.#shared.rooms.get(this.#path)?.uploads.get(id)
    return upload && { ...upload.facts, offset: upload.size }
  }

  async readAt(id: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#find(id)
      .read(offset, length)
      .catch(error => {
        throw storageError(error)
      })
  }

  async list(): Promise<readonly ListedFile[]> {
    const place = await this.#place()
    return listFiles(this.#shared.fs, place.self, place.child).catch(error => {
      throw storageError(error)
    })
  }

  async read(name: string): Promise<ReadableFile | undefined> {
    if (!isPlainName(name)) return undefined
    const place = await this.#place()
    return readFile(this.#shared.fs, place.child(name), name).catch(error => {
      throw storageError(error)
    })
  }

  async delete(name: string, tag?: string): Promise<boolean> {
    if (!isPlainName(name)) return false
    const room = this.#room()
    const { folder } = await room.enter().catch(error => {
      throw storageError(error)
    })
    try {
      const deleted = await deleteFile(this.#shared.fs, folder.child(name), tag)
      if (deleted && this.#shared.durable) await folder.sync()
      return deleted
    } catch (error) {
      throw storageError(error)
    } finally {
      await room.leave()
    }
  }

  at(path: string): DiskStorage {
    return new Disk(resolve(path), { ...this.#shared, lasting: false })
  }

  async #prepare(): Promise<void> {
    const room = this.#room()
    await room.enter()
    if (!this.#shared.lasting) await room.leave()
  }

  #room(): Room {
    const { rooms, mode, durable } = this.#shared
    let room = rooms.get(this.#path)
    if (!room) {
      const made = new Room(this.#shared, { path: this.#path, mode, durable }, () => {
        if (rooms.get(this.#path) === made && !made.remembers) rooms.delete(this.#path)
      })
      rooms.set(this.#path, made)
      room = made
    }
    return room
  }

  /** Where the visible files are: in the held folder if it stays held, else by its path. Reading makes no folder. */
  async #place(): Promise<{ readonly self: string; child(name: string): string }> {
    const { rooms, lasting } = this.#shared
    const opened = lasting && this.#prepared ? await rooms.get(this.#path)?.opened() : undefined
    return opened?.folder ?? { self: this.#path, child: name => join(this.#path, name) }
  }

  #find(id: string): Upload {
    const upload = this.#shared.rooms.get(this.#path)?.uploads.get(id)
    if (!upload) throw noSuchUpload()
    return upload
  }
}

/** Keeps the room open for a new upload. */
async function enter(room: Room, { id }: NewUpload): Promise<void> {
  try {
    await room.enter()
  } catch (error) {
    room.uploads.delete(id)
    throw storageError(error)
  }
}

function noSuchUpload(): UploadError {
  return misuse('there is no such open upload')
}
