/** One folder in use: held open while an upload is under way in it. */
import type { FileHandle } from 'node:fs/promises'
import type { NewUpload } from '../../upload/ports.ts'
import { errnoOf, misuse, storageError, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { createFlags, type Folder, type FolderOptions, openFolder } from './folder.ts'
import { type InlineFileSystem, isLocal, smallFile } from './inline.ts'
import { finishLists } from './list-journal.ts'
import { ownOwner } from './owner.ts'
import { Names } from './place.ts'
import { tagIn } from './read.ts'
import { openData, readUpTo } from './resumable/data.ts'
import { sweepOrphans } from './resumable/names.ts'
import { OpenFiles } from './resumable/open-files.ts'
import { deathJudge, keepFresh, sweep, temporaryName } from './temporaries.ts'
import { writeSpans } from './write.ts'

/** A folder opened, swept and ready. */
export interface Opened {
  readonly folder: Folder
  readonly names: Names
  /** For small files, where they may be done in one go. */
  readonly inline: InlineFileSystem | undefined
}

/** What a room works with. */
export interface RoomTools {
  readonly fs: FileSystem
  /** Undefined: nothing is done in one go. */
  readonly inline: InlineFileSystem | undefined
}

/** Opens the folder and sweeps what a crash left in it. */
async function openRoom({ fs, inline }: RoomTools, options: FolderOptions): Promise<Opened> {
  const folder = await openFolder(fs, options)
  try {
    const names = new Names(fs, folder, options.mode)
    const [own, now] = [await ownOwner(), Date.now()]
    const kept = await finishLists(fs, folder, names, deathJudge(fs, folder.temporary, own, now))
    await sweep(fs, folder.hidden, folder.temporary, own, now, kept)
    await sweepOrphans(fs, folder.hidden, folder.temporary)
    const inOneGo = inline && !options.durable && (await isLocal(folder.self)) ? inline : undefined
    return { folder, names, inline: inOneGo }
  } catch (error) {
    await folder.close()
    throw error
  }
}

/** Holds on to the open handles of a storage that was let go: Node complains when one is collected as garbage. */
const roomsInUse = new Set<Room>()

/** The uploads of one folder, shared by every storage of the same path. Counts its users and closes with the last. */
export class Room {
  readonly uploads = new Map<string, Upload>()
  /**
   * Of the resumable uploads: the files held open; those whose last save ended in a failed fsync, of the bytes or of the
   * record, which must be loaded before they go on; those that are files already, but not so by their record.
   */
  readonly resumables = {
    files: new OpenFiles(() => this.leave()),
    doubtful: new Map<string, 'bytes' | 'record'>(),
    committed: new Set<string>(),
  }
  readonly fs: FileSystem
  readonly options: FolderOptions
  readonly #tools: RoomTools
  #users = 0
  #opened: Promise<Opened> | undefined
  /** Closed only when no upload is left: until then somebody may use a path through their descriptors. */
  readonly #stale: Opened[] = []
  #stopTouching: (() => void) | undefined
  readonly #onIdle: () => void

  constructor(tools: RoomTools, options: FolderOptions, onIdle: () => void) {
    this.#tools = tools
    this.fs = tools.fs
    this.options = options
    this.#onIdle = onIdle
  }

  /** Whether something is known of a resumable upload that no file tells: then the room must not be forgotten. */
  get remembers(): boolean {
    return this.resumables.doubtful.size + this.resumables.committed.size > 0
  }

  /** Keeps the room open until `leave`. */
  async enter(): Promise<Opened> {
    this.#users++
    roomsInUse.add(this)
    try {
      return await this.opened()
    } catch (error) {
      await this.leave()
      throw error
    }
  }

  async leave(): Promise<void> {
    const closing = this.uploads.size === 0 ? this.#stale.splice(0) : []
    const current = --this.#users === 0 ? this.#idle() : undefined
    const opened = await current?.catch(() => undefined)
    if (opened) closing.push(opened)
    await Promise.all(closing.map(({ folder }) => folder.close()))
  }

  /** Forgets the folder; returns it to be closed. */
  #idle(): Promise<Opened> | undefined {
    this.#stopTouching?.()
    this.#stopTouching = undefined
    this.#onIdle()
    roomsInUse.delete(this)
    const opened = this.#opened
    this.#opened = undefined
    return opened
  }

  opened(): Promise<Opened> {
    this.#opened ??= openRoom(this.#tools, this.options).catch(error => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  /** Opens the folder anew after it was deleted under us. */
  async reopened(stale: Opened): Promise<Opened> {
    if ((await this.#opened) === stale) {
      this.#opened = undefined
      this.#stale.push(stale)
    }
    return this.opened()
  }

  add(upload: Upload): void {
    this.uploads.set(upload.facts.id, upload)
    this.#stopTouching ??= keepFresh(() => openHandles(this.uploads.values()))
  }
}

function* openHandles(uploads: Iterable<Upload>): Generator<FileHandle> {
  for (const { handle } of uploads) if (handle) yield handle
}

/** One upload on its way. Its operations do not overlap; `remove` waits for the running one. */
export class Upload {
  readonly facts: NewUpload
  readonly room: Room
  /** Bytes stored so far. */
  size = 0
  /** Open while bytes may still come. */
  handle: FileHandle | undefined
  /** True after a failure and from `commit` on: no more bytes. */
  closed = false
  /** True once it is a file: there is nothing of it left to remove. */
  committed = false
  /** Known from `seal` on; see {@link tagIn}. */
  tag: string | undefined
  /** Set where the whole of it was written in one go: its name can be given in the same way. */
  inline: InlineFileSystem | undefined
  removal: Promise<void> | undefined
  #running: Promise<unknown> | undefined
  /** Whether there is, or was, a temporary. */
  #written = false

  constructor(facts: NewUpload, room: Room) {
    this.facts = facts
    this.room = room
  }

  /** Runs one operation of one or several uploads; its failure makes them unusable. */
  static async run<T>(uploads: readonly Upload[], operation: () => Promise<T>): Promise<T> {
    for (const upload of uploads) {
      if (upload.#running) throw misuse('a call came while another call for the same upload was running')
      if (upload.closed || upload.removal) throw misuse('the upload failed or ended before')
    }
    const running = operation()
    for (const upload of uploads) upload.#running = running
    try {
      return await running
    } catch (error) {
      for (const upload of uploads) upload.closed = true
      throw storageError(error)
    } finally {
      for (const upload of uploads) upload.#running = undefined
    }
  }

  /** @param last nothing more will come */
  async append(spans: readonly Uint8Array[], total: number, last: boolean): Promise<void> {
    const whole = last && this.size === 0 && total <= smallFile
    this.inline = whole ? (await this.room.opened()).inline : undefined
    if (this.inline) {
      const { inline } = this
      this.tag = await this.#inTemporary(async path => inline.writeWhole(path, this.room.options.mode, spans))
    } else {
      this.handle ??= await this.#openTemporary()
      await writeSpans(this.handle, spans, this.size)
    }
    this.size += total
  }

  /** Up to `length` of the bytes stored so far. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.size - offset)
    if (wanted <= 0) return new Uint8Array()
    const handle = await openData(this.room.fs, await this.temporary(), 0, 'read')
    try {
      return await readUpTo(handle, offset, wanted)
    } finally {
      await handle.close()
    }
  }

  /** Nothing more will come: the bytes go to the disk and the file is closed. */
  async seal(): Promise<void> {
    this.closed = true
    if (this.inline) return
    const handle = (this.handle ??= await this.#openTemporary())
    try {
      // After a failed fsync the kernel may call the lost pages clean, so there is no second try on this handle.
      if (this.room.options.durable) await handle.sync()
      this.tag = tagIn(await handle.stat({ bigint: true }))
    } finally {
      this.handle = undefined
      await handle.close()
    }
  }

  /** Path of the temporary. */
  async temporary(): Promise<string> {
    const { folder } = await this.room.opened()
    return folder.temporary(temporaryName(this.facts.id, await ownOwner()))
  }

  /** Waits for what runs, then deletes the temporary. */
  async erase(): Promise<void> {
    await this.#running?.catch(() => {})
    if (this.committed) return
    this.closed = true
    const handle = this.handle
    this.handle = undefined
    // The bytes are not wanted any more, so it does not matter whether the system could keep them.
    await handle?.close().catch(() => {})
    if (this.#written) await this.room.fs.unlink(await this.temporary()).catch(unless('ENOENT'))
  }

  #openTemporary(): Promise<FileHandle> {
    return this.#inTemporary(path => this.room.fs.open(path, createFlags, this.room.options.mode))
  }

  /** Makes the temporary; once more where the folder was deleted under us. */
  async #inTemporary<T>(make: (path: string) => Promise<T>): Promise<T> {
    const opened = await this.room.opened()
    const name = temporaryName(this.facts.id, await ownOwner())
    let made: T
    try {
      made = await make(opened.folder.temporary(name))
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      const { folder } = await this.room.reopened(opened)
      made = await make(folder.temporary(name))
    }
    this.#written = true
    return made
  }
}
