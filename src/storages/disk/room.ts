/** One folder in use: held open while an upload is under way in it. */
import type { FileHandle } from 'node:fs/promises'
import type { FileSystem } from './file-system.ts'
import type { FolderOptions } from './folder.ts'
import { type Opened, openRoom, type RoomTools } from './opened.ts'
import { OpenFiles } from './resumable/open-files.ts'
import { keepFresh } from './temporaries.ts'
import type { Upload } from './upload.ts'

/** Uploads under way at once from which on a second thread pays for itself: less, and the two wait for each other. */
const crowd = 16

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
    files: new OpenFiles(async () => this.leave()),
    doubtful: new Map<string, 'bytes' | 'record'>(),
    committed: new Set<string>(),
  }
  readonly fs: FileSystem
  readonly options: FolderOptions
  readonly #tools: RoomTools
  #users = 0
  #opened: Promise<Opened> | undefined
  #current: Opened | undefined
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

  get isCrowded(): boolean {
    return this.uploads.size > crowd
  }

  /** The folder, if it is open: nothing has to be waited for. */
  get current(): Opened | undefined {
    return this.#current
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

  /** The same where the folder is open; false where it is not. */
  enterNow(): boolean {
    if (!this.#current) return false
    this.#users++
    return true
  }

  /** Returns a promise where something has to be closed. */
  leave(): undefined | Promise<void> {
    this.#users--
    if (this.#users > 0 && this.#stale.length === 0) return undefined
    return this.#close()
  }

  async #close(): Promise<void> {
    const closing = this.uploads.size === 0 ? this.#stale.splice(0) : []
    const current = this.#users === 0 ? this.#idle() : undefined
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
    return this.#forget()
  }

  #forget(): Promise<Opened> | undefined {
    const opened = this.#opened
    this.#opened = undefined
    this.#current = undefined
    return opened
  }

  opened(): Promise<Opened> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  #open(): Promise<Opened> {
    const opening: Promise<Opened> = openRoom(this.#tools, this.options).then(
      opened => {
        if (this.#opened === opening) this.#current = opened
        return opened
      },
      error => {
        if (this.#opened === opening) this.#opened = undefined
        throw error
      },
    )
    return opening
  }

  /** Opens the folder anew after it was deleted under us. */
  async reopened(stale: Opened): Promise<Opened> {
    if ((await this.#opened) === stale) {
      this.#forget()
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
