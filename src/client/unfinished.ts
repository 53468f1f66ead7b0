/**
 * What an earlier visit of the page left unfinished: it goes on by itself where the browser still lets the page read the
 * file, and by a click where it wants to be asked. Only where it gave the page a handle, and on the page's own origin.
 */
import type { ResumableConfig } from '../sansio/dropzone/config.ts'
import { claim, release, whenFree } from './claims.ts'
import { isOurs, type Token } from './csrf.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { type FileHandle, isSame, watchHandles } from './handles.ts'
import { allKept, forget, type Kept, keep, keptOf } from './kept.ts'
import { Offers } from './offers.ts'
import { isPassing } from './retry.ts'
import { deleteUpload, endpointOf, gone, statusOf } from './tus-requests.ts'

export class Unfinished {
  readonly #dropzone: DropzoneInstance
  readonly #token: Token | undefined
  readonly #handleOf: (file: DropzoneFile) => Promise<FileHandle | undefined>
  readonly #offers: Offers
  /** Files that were put back into the queue, and the uploads they go on with; claimed. */
  readonly #waiting = new Map<File, string>()

  constructor(dropzone: DropzoneInstance, { texts }: ResumableConfig, token: Token | undefined) {
    this.#dropzone = dropzone
    this.#token = token
    this.#handleOf = watchHandles(dropzone)
    this.#offers = new Offers(dropzone, texts)
    dropzone.on('removedfile', (file: DropzoneFile) => {
      const url = this.#take(file)
      if (url !== undefined) this.#discard(url)
    })
  }

  /** Looks for what was left. */
  async look(): Promise<void> {
    const { element, options } = this.#dropzone
    for (const left of await allKept()) {
      // What a function says depends on the file.
      const isHere = typeof options.url === 'function' || endpointOf(this.#dropzone) === left.endpoint
      if (left.area === element.id && left.page === location.pathname && isHere) void this.#consider(left)
    }
  }

  /** The upload that a file goes on with, which is this page's then. What was made of the file may be other bytes. */
  take(file: DropzoneFile, data: Blob): string | undefined {
    const url = this.#take(file)
    if (url === undefined || data === file) return url
    this.#discard(url)
    return undefined
  }

  /** Remembers an upload that has begun. */
  keep(file: DropzoneFile, url: string): void {
    this.#offers.remove(url)
    if (!isOurs(url)) return
    const { name, size, lastModified } = file
    const known = this.#handleOf(file).then(
      handle =>
        handle && {
          ...{ url, name, size, lastModified, handle, since: Date.now() },
          ...{ area: this.#dropzone.element.id, page: location.pathname, endpoint: endpointOf(this.#dropzone, file) },
        },
    )
    void keep(known)
  }

  /** The upload is finished, or given up. */
  forget(url: string): void {
    this.#offers.remove(url)
    void forget(url)
  }

  async #consider({ url }: Kept): Promise<void> {
    // Another tab may carry it. When that has ended, it is finished most often.
    await whenFree(url)
    const left = await keptOf(url)
    if (!left) return
    const status = await statusOf(this.#dropzone, this.#token, url)
    if (gone(status)) return this.forget(url)
    // A server that does not know this visitor (any more) is no reason to ask for a file, nor to forget it.
    if (status >= 400 && !isPassing(status)) return
    if (await mayRead(left)) return this.#goOn(left)
    this.#offers.add(left, {
      goOn: async () => {
        // It may have been allowed in another way; and the click counts for some seconds.
        if ((await mayRead(left)) || (await left.handle.requestPermission?.(reading)) === 'granted')
          await this.#goOn(left)
      },
      discard: () => this.#discard(url),
    })
  }

  /** Puts the file back into the queue. */
  async #goOn(left: Kept): Promise<void> {
    const { url, handle } = left
    const file = await handle.getFile().catch(() => undefined)
    if (!file || !isSame(file, left)) return this.#offers.fail(left, () => this.#discard(url))
    this.#offers.remove(url)
    if (!(await claim(url))) return
    this.#waiting.set(file, url)
    this.#dropzone.addFile(file)
  }

  #take(file: DropzoneFile): string | undefined {
    const url = this.#waiting.get(file)
    this.#waiting.delete(file)
    return url
  }

  #discard(url: string): void {
    release(url)
    this.forget(url)
    void deleteUpload(this.#dropzone, this.#token, url)
  }
}

const reading = { mode: 'read' } as const

async function mayRead({ handle }: Kept): Promise<boolean> {
  return (await handle.queryPermission?.(reading)) === 'granted'
}
