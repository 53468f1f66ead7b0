/** One upload of a folder. */
import type { FileHandle } from 'node:fs/promises'
import type { NewUpload, Pending } from '../../upload/ports.ts'
import { errnoOf, misuse, storageError, unless } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { createFlags, type FolderOptions } from './folder.ts'
import type { Written } from './helper/helper.ts'
import { isAtItsPath, moveNow, smallFile } from './inline.ts'
import type { Opened } from './opened.ts'
import { tagIn } from './read.ts'
import { openData, readUpTo } from './resumable/data.ts'
import { writeSpans } from './write.ts'

/** The folder of an upload, which may have to be opened first. */
interface UploadRoom {
  readonly fs: FileSystem
  readonly options: FolderOptions
  readonly current: Opened | undefined
  opened(): Promise<Opened>
  reopened(stale: Opened): Promise<Opened>
  /** Whether several uploads are under way. */
  readonly isCrowded: boolean
}

/** One upload on its way. Its operations do not overlap; `remove` waits for the running one. */
export class Upload {
  readonly facts: NewUpload
  readonly room: UploadRoom
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
  /** Whether the whole of it was written in one go: its name can be given in the same way. */
  inline = false
  removal: Promise<void> | undefined
  #running: Promise<unknown> | undefined
  /** The helper's work on its bytes. */
  #helped: Promise<Written> | undefined
  #takingOver: Promise<void> | undefined
  /** Whether there is, or was, a temporary. */
  #written = false

  constructor(facts: NewUpload, room: UploadRoom) {
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

  async append(spans: readonly Uint8Array[], total: number): Promise<void> {
    this.handle ??= await this.#openTemporary()
    await writeSpans(this.handle, spans, this.size)
    this.size += total
  }

  /**
   * The whole of a small file in one go, by the helper where others are under way: what it cannot write goes the long way
   * at the commit.
   * @returns whether it was done; if not, `append` goes the long way, which knows what to say of what stood in the way
   */
  writeNow(spans: readonly Uint8Array[], total: number): boolean {
    const { current, options, isCrowded } = this.room
    if (!current?.inline || this.size > 0 || total > smallFile || this.#isTaken) return false
    const path = this.#temporaryIn(current)
    this.#helped = isCrowded ? current.helper?.write(path, options.mode, spans, total) : undefined
    try {
      if (!this.#helped) this.tag = current.inline.writeWhole(path, options.mode, spans)
    } catch {
      return false
    }
    this.inline = true
    this.#written = true
    this.size = total
    return true
  }

  /**
   * Gives a small file its name in one go.
   * @returns whether it was done; if not, the commit goes the long way
   */
  nameNow(name: string): boolean | Promise<boolean> {
    const { current } = this.room
    if (!current?.inline || !this.inline || this.#isTaken) return false
    if (this.#helped) return this.#nameByHelper(current, name)
    if (!moveNow(current.inline, current.folder, this.#temporaryIn(current), name)) return false
    this.#end()
    return true
  }

  async #nameByHelper(current: Opened, name: string): Promise<boolean> {
    const { folder, helper, inline } = current
    if (!inline || !isAtItsPath(inline, folder)) return false
    // It does one thing after another: a file that it could not write has nothing to be named.
    const moving = helper?.move(this.#temporaryIn(current), folder.child(name))
    if (!moving) return false
    const naming = moving.then(async isMoved => {
      if (!isMoved) return false
      await this.#takeOver()
      this.#end()
      return true
    })
    this.#running = naming
    const isNamed = await naming
    this.#running = undefined
    return isNamed
  }

  /** What the helper did, or could not do: then the file is written in the long way. */
  #takeOver(): Pending {
    // Several may ask at once: the long way is gone once.
    this.#takingOver ??= this.#helped?.then(async written => {
      if ('tag' in written) this.tag = written.tag
      else await this.#writeAgain(written.unwritten)
      this.#helped = undefined
    })
    return this.#helped && this.#takingOver
  }

  async #writeAgain(bytes: Uint8Array): Promise<void> {
    // A thread that died may have left a part of it.
    await this.room.fs.unlink(await this.temporary()).catch(() => {})
    this.inline = false
    this.#written = false
    this.size = 0
    await this.append([bytes], bytes.byteLength)
  }

  #end(): void {
    this.closed = true
    this.committed = true
  }

  /** Up to `length` of the bytes stored so far. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    await this.#takeOver()
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
  seal(): Pending {
    this.closed = true
    return this.inline && !this.#helped ? undefined : this.#sealLater()
  }

  async #sealLater(): Promise<void> {
    await this.#takeOver()
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
    return this.#temporaryIn(await this.room.opened())
  }

  /** Waits for what runs, then deletes the temporary. */
  async erase(): Promise<void> {
    await this.#running?.catch(() => {})
    await this.#helped
    await this.#takingOver?.catch(() => {})
    if (this.committed) return
    this.closed = true
    const handle = this.handle
    this.handle = undefined
    // The bytes are not wanted any more, so it does not matter whether the system could keep them.
    await handle?.close().catch(() => {})
    if (this.#written) await this.room.fs.unlink(await this.temporary()).catch(unless('ENOENT'))
  }

  /** Whether somebody is at work on it, or was for the last time. */
  get #isTaken(): boolean {
    return this.#running !== undefined || this.closed || this.removal !== undefined
  }

  #temporaryIn({ temporaryOf }: Opened): string {
    return temporaryOf(this.facts.id)
  }

  /** Makes the temporary; once more where the folder was deleted under us. */
  async #openTemporary(): Promise<FileHandle> {
    const { room } = this
    const open = (opened: Opened) => room.fs.open(this.#temporaryIn(opened), createFlags, room.options.mode)
    const opened = await room.opened()
    const handle = await open(opened).catch(async error => {
      if (errnoOf(error) !== 'ENOENT') throw error
      return open(await room.reopened(opened))
    })
    this.#written = true
    return handle
  }
}
