import { UploadError } from '../sansio/errors.ts'
import { type Deferred, deferred } from '../upload/deferred.ts'
import { keep } from '../upload/disposable.ts'
import type { CommitItem, NewUpload, Storage, StoredFile, UploadState } from '../upload/ports.ts'

/**
 * A storage for one upload that keeps nothing: each append waits until a reader has taken the bytes. So `file.stream()`
 * passes the same policy, validators and back-pressure as any other upload.
 */
export class StreamStorage implements Storage {
  #upload: NewUpload | undefined
  #size = 0
  /** Handed over to the reader next: spans, the end, or an error. */
  #next: Deferred<readonly Uint8Array[] | undefined> = deferred()
  /** Resolved when the reader has finished with the spans. */
  #taken: Deferred<void> = deferred()

  async create(upload: NewUpload): Promise<void> {
    this.#upload = upload
  }

  async append(_id: string, _offset: number, spans: readonly Uint8Array[]): Promise<void> {
    for (const span of spans) this.#size += span.length
    keep(spans)
    this.#next.resolve(spans)
    await this.#taken.promise
  }

  async commit(uploads: readonly CommitItem[]): Promise<readonly StoredFile[]> {
    this.#next.resolve(undefined)
    return uploads.map(({ id, name }) => ({ id, name, size: this.#size }))
  }

  async remove(): Promise<void> {
    this.fail(new UploadError('aborted'))
  }

  async stat(): Promise<UploadState | undefined> {
    return this.#upload && { ...this.#upload, offset: this.#size }
  }

  /** Ends the reader's loop with an error. */
  fail(error: unknown): void {
    this.#next.reject(error)
  }

  /** The bytes, for the reader; each span is valid until the next one is asked for. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let spans = await this.#next.promise; spans; spans = await this.#next.promise) {
        yield* spans
        this.#next = deferred()
        const taken = this.#taken
        this.#taken = deferred()
        taken.resolve()
      }
    } finally {
      // A reader that leaves early refuses the rest.
      this.#taken.reject(new UploadError('aborted'))
    }
  }
}
