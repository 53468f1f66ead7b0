/** One run of tus-js-client: from where a file was left to its end, or to the first failure. */
import { type DetailedError, type HttpRequest, type HttpResponse, Upload } from 'tus-js-client'
import type { ResumableConfig } from '../sansio/dropzone/config.ts'
import { claim, release } from './claims.ts'
import type { Token } from './csrf.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { gone, headersFor, metadataOf } from './tus-requests.ts'
import type { Unfinished } from './unfinished.ts'

declare global {
  /** The types of tus-js-client name it, for Node; browsers have none. */
  type Buffer = Uint8Array
}

/** What a file's transfer works with. */
export interface Surroundings {
  readonly dropzone: DropzoneInstance
  readonly config: ResumableConfig
  readonly token: Token | undefined
  readonly unfinished: Unfinished
}

/** What is sent, and where to. */
export interface Task {
  readonly file: DropzoneFile
  readonly data: Blob
  readonly endpoint: string
  readonly at: Surroundings
}

/** Whom an attempt tells what happens. */
export interface AttemptListener {
  /** The upload has this URL, and is this page's alone. */
  onUrl(url: string): void
  /** The server has so many bytes. */
  onOffset(offset: number): void
  /** A request that writes was answered well. */
  onAccepted(): void
  /** So many bytes went out. */
  onProgress(sent: number): void
  onSuccess(): void
  /** @param isRequest false when it is about the file itself */
  onFailure(isRequest: boolean): void
}

export class Attempt {
  /** The request that began last. */
  xhr: XMLHttpRequest | undefined
  /** The token it was given. */
  sentToken = ''
  readonly #task: Task
  readonly #upload: Upload
  /** None once it was stopped: what comes late concerns nobody. */
  #listener: AttemptListener | undefined

  constructor(task: Task, listener: AttemptListener) {
    this.#task = task
    this.#listener = listener
    const { file, data, endpoint, at } = task
    this.#upload = new Upload(data, {
      endpoint,
      chunkSize: at.config.chunkSize,
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      // What the page has made of a file may come out different the next time.
      storeFingerprintForResuming: data === file,
      fingerprint: async () => fingerprintOf(file, endpoint),
      onBeforeRequest: request => this.#prepare(request),
      onAfterResponse: (request: HttpRequest, response: HttpResponse) => this.#read(request, response),
      onUploadUrlAvailable: () => void this.#tellUrl(),
      onProgress: (sent: number) => this.#listener?.onProgress(sent),
      onSuccess: () => this.#listener?.onSuccess(),
      onError: (error: Error | DetailedError) => this.#listener?.onFailure('originalRequest' in error),
    })
  }

  /**
   * Begins, or goes on.
   *
   * @param url of an upload that is this page's already; without one it is the newest upload of the file that nobody
   *   carries, or a new one
   */
  async start(url: string | undefined): Promise<void> {
    const all = await this.#upload.findPreviousUploads()
    all.sort((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime))
    for (const previous of all) {
      const { uploadUrl } = previous
      if (!this.#listener || uploadUrl === null) continue
      if (url === undefined ? !(await claim(uploadUrl)) : uploadUrl !== url) continue
      if (!this.#listener) return release(uploadUrl)
      this.#upload.resumeFromPreviousUpload(previous)
      this.#listener.onUrl(uploadUrl)
      return this.#upload.start()
    }
    if (!this.#listener) return
    if (url !== undefined) this.#upload.options.uploadUrl = url
    this.#upload.start()
  }

  /** Ends its request, and tells nothing more. */
  stop(): void {
    this.leave()
    void this.#upload.abort()
  }

  /** Tells nothing more; its request is left as it is, because the status of one that was aborted is 0. */
  leave(): void {
    this.#listener = undefined
  }

  /** Strikes an upload off tus-js-client's own list. */
  async forget(url: string): Promise<void> {
    for (const { uploadUrl, urlStorageKey } of await this.#upload.findPreviousUploads()) {
      if (uploadUrl === url) await this.#upload.options.urlStorage?.removeUpload(urlStorageKey)
    }
  }

  #tellUrl(): void {
    const { url } = this.#upload
    if (url !== null) this.#listener?.onUrl(url)
  }

  /** The headers of a request, at the last moment. */
  async #prepare(request: HttpRequest): Promise<void> {
    const { file, data, at } = this.#task
    const { dropzone, token } = at
    if (token?.isOld()) await token.refresh()
    // Meanwhile it may have been paused; what is thrown here reaches nobody then.
    if (!this.#listener) throw new Error('The upload was stopped.')
    const url = request.getURL()
    const xhr = request.getUnderlyingObject() as XMLHttpRequest
    this.xhr = xhr
    this.sentToken = token?.value ?? ''
    xhr.withCredentials = Boolean(dropzone.options.withCredentials)
    for (const [name, value] of Object.entries(headersFor(dropzone, token, url))) request.setHeader(name, value)
    if (request.getMethod() === 'HEAD') return
    const metadata = metadataOf(dropzone, file, data, xhr)
    if (request.getMethod() === 'POST') request.setHeader('Upload-Metadata', metadata)
  }

  #read(request: HttpRequest, response: HttpResponse): void {
    if (!this.#listener) return
    const isHead = request.getMethod() === 'HEAD'
    const status = response.getStatus()
    const offset = Number(response.getHeader('Upload-Offset') ?? Number.NaN)
    if (offset >= 0) this.#listener.onOffset(offset)
    if (status < 300 && !isHead) this.#listener.onAccepted()
    // tus-js-client would take any refusal for "there is no such upload" and begin anew.
    if (isHead && status >= 400 && !gone(status)) throw new Error(String(status))
  }
}

/** The same file at the same endpoint, also after a reload of the page. */
function fingerprintOf({ name, size, lastModified }: File, endpoint: string): string {
  return ['dropgate', name, size, lastModified, endpoint].join('-')
}
