/** One file on its way with tus: attempts, and what happens between them. */
import { type DetailedError, type HttpRequest, type HttpResponse, Upload } from 'tus-js-client'
import type { ResumableConfig } from '../sansio/dropzone/config.ts'
import { blamesToken, isOurs, type Token } from './csrf.ts'
import { deleted } from './deletion.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { waitAfter } from './retry.ts'
import { finalAnswer, headersFor, metadataOf } from './tus-requests.ts'

declare global {
  /** The types of tus-js-client name it, for Node; browsers have none. */
  type Buffer = Uint8Array
}

/** Milliseconds before each further attempt; they begin anew once bytes have got through. */
const delays = [0, 1_000, 3_000, 5_000, 10_000, 20_000]

/** Milliseconds without a byte getting through, after which a connection is taken for dead. */
const stalled = 60_000

/** Statuses of a HEAD that mean there is no such upload; after any other it may be there still. */
const gone = [404, 410]

/** Uploads of this page that are on their way: the same file twice is two uploads. */
const busy = new Set<string>()

/** What a transfer works with. */
export interface TransferSurroundings {
  readonly dropzone: DropzoneInstance
  readonly config: ResumableConfig
  readonly token: Token | undefined
}

type State = 'new' | 'running' | 'waiting' | 'paused' | 'over'

export class Transfer {
  readonly #file: DropzoneFile
  readonly #data: Blob
  readonly #at: TransferSurroundings
  readonly #endpoint: string
  #state: State = 'new'
  /** The attempt that runs; older ones are deaf. */
  #upload: Upload | undefined
  #url: string | undefined
  /** The request that began last. */
  #xhr: XMLHttpRequest | undefined
  #sentToken = ''
  /** The token was refused, and a fresh one is tried. */
  #again = false
  #failures = 0
  #acknowledged = 0
  #shown = 0
  /** Why it stands still, as it was told last. */
  #said = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(file: DropzoneFile, data: Blob, at: TransferSurroundings) {
    this.#file = file
    this.#data = data
    this.#at = at
    const { url } = at.dropzone.options
    const target = typeof url === 'function' ? url.call(at.dropzone, [file]) : (url ?? '')
    this.#endpoint = new URL(target, document.baseURI).href
  }

  start(): void {
    this.#stop()
    this.#state = 'running'
    if (navigator.onLine) void this.#attempt()
    else this.goOffline()
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return
    this.#stop()
    this.#state = 'paused'
    this.#say('')
    this.#emit('paused')
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#failures = 0
    this.#emit('resumed')
    this.start()
  }

  goOffline(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return
    this.#stop()
    this.#state = 'waiting'
    this.#say(this.#at.config.texts.offline)
  }

  goOnline(): void {
    if (this.#state !== 'waiting') return
    this.#failures = 0
    this.start()
  }

  /** Also takes what has come off the server. */
  cancel(): void {
    this.#stop()
    this.#state = 'over'
    const url = this.#url
    if (url === undefined) return
    busy.delete(url)
    const { token } = this.#at
    const headers = { ...headersFor(this.#at.dropzone, undefined, url), 'Tus-Resumable': '1.0.0' }
    void deleted(url, isOurs(url) ? token : undefined, headers)
    void this.#forget()
  }

  #stop(): void {
    clearTimeout(this.#timer)
    const upload = this.#upload
    this.#upload = undefined
    void upload?.abort()
  }

  async #attempt(): Promise<void> {
    const upload: Upload = this.#newUpload()
    this.#upload = upload
    const previous = await upload.findPreviousUploads()
    if (this.#upload !== upload) return
    const fitting = previous.filter(({ uploadUrl }) =>
      this.#url === undefined ? uploadUrl !== null && !busy.has(uploadUrl) : uploadUrl === this.#url,
    )
    const latest = fitting.sort((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime))[0]
    if (latest) upload.resumeFromPreviousUpload(latest)
    else if (this.#url !== undefined) upload.options.uploadUrl = this.#url
    if (latest?.uploadUrl) this.#own(latest.uploadUrl)
    this.#watch()
    upload.start()
  }

  #newUpload(): Upload {
    const { chunkSize } = this.#at.config
    const guarded =
      <Arguments extends readonly unknown[]>(listener: (...args: Arguments) => void) =>
      (...args: Arguments) => {
        if (this.#upload === upload) listener(...args)
      }
    const upload: Upload = new Upload(this.#data, {
      endpoint: this.#endpoint,
      chunkSize,
      retryDelays: null,
      removeFingerprintOnSuccess: true,
      // What the page has made of a file may come out different the next time.
      storeFingerprintForResuming: this.#data === this.#file,
      fingerprint: async () => fingerprintOf(this.#file, this.#endpoint),
      onBeforeRequest: request => this.#prepare(request, upload),
      onAfterResponse: guarded((request: HttpRequest, response: HttpResponse) => this.#read(request, response)),
      onUploadUrlAvailable: guarded(() => upload.url !== null && this.#own(upload.url)),
      onProgress: guarded((sent: number) => this.#progress(sent)),
      onSuccess: guarded(() => void this.#succeed()),
      onError: guarded((error: Error | DetailedError) => this.#fail(error)),
    })
    return upload
  }

  /** The headers of a request, at the last moment. */
  async #prepare(request: HttpRequest, upload: Upload): Promise<void> {
    const { dropzone, token } = this.#at
    if (token?.isOld()) await token.refresh()
    // Meanwhile it may have been paused; what is thrown here reaches nobody then.
    if (this.#upload !== upload) throw new Error('The upload was stopped.')
    const url = request.getURL()
    const xhr = request.getUnderlyingObject() as XMLHttpRequest
    this.#xhr = xhr
    this.#sentToken = token?.value ?? ''
    xhr.withCredentials = Boolean(dropzone.options.withCredentials)
    for (const [name, value] of Object.entries(headersFor(dropzone, token, url))) request.setHeader(name, value)
    if (request.getMethod() === 'HEAD') return
    const metadata = metadataOf(dropzone, this.#file, this.#data, xhr)
    if (request.getMethod() === 'POST') request.setHeader('Upload-Metadata', metadata)
  }

  #read(request: HttpRequest, response: HttpResponse): void {
    const status = response.getStatus()
    const offset = Number(response.getHeader('Upload-Offset') ?? Number.NaN)
    if (status < 300 && request.getMethod() !== 'HEAD') this.#again = false
    if (offset > this.#acknowledged) this.#failures = 0
    if (offset >= 0) this.#acknowledged = offset
    // tus-js-client would take any refusal for "there is no such upload" and begin anew.
    if (request.getMethod() === 'HEAD' && status >= 400 && !gone.includes(status)) throw new Error(String(status))
  }

  #own(url: string): void {
    if (this.#url !== undefined && this.#url !== url) busy.delete(this.#url)
    this.#url = url
    busy.add(url)
  }

  /** Bytes that went out; after a cut some of them count again, but nobody wants to see that. */
  #progress(sent: number): void {
    this.#watch(sent)
    this.#say('')
    if (sent <= this.#shown) return
    this.#shown = sent
    this.#tell(sent, this.#data.size)
  }

  #tell(sent: number, total: number): void {
    const progress = total === 0 ? 100 : (100 * sent) / total
    if (this.#file.upload) Object.assign(this.#file.upload, { progress, total, bytesSent: sent })
    this.#emit('uploadprogress', progress, sent)
  }

  /** A connection may die without a word, as when a laptop sleeps. Once all is sent, the server may take its time. */
  #watch(sent = 0): void {
    clearTimeout(this.#timer)
    if (sent === this.#data.size) return
    const { timeout } = this.#at.dropzone.options
    this.#timer = setTimeout(() => this.#cut(), (typeof timeout === 'number' && timeout) || stalled)
  }

  #cut(): void {
    this.#stop()
    this.#retry(this.#xhr)
  }

  #fail(error: Error | DetailedError): void {
    const xhr = this.#xhr
    const { token } = this.#at
    clearTimeout(this.#timer)
    // Without a request it is about the file itself.
    if (!('originalRequest' in error) || !xhr) this.#giveUp(xhr)
    else if (!navigator.onLine && xhr.status === 0) this.goOffline()
    else if (token && !this.#again && blamesToken(xhr.status, answerOf(xhr))) void this.#freshen(token, xhr)
    else this.#retry(xhr)
  }

  #retry(xhr: XMLHttpRequest | undefined): void {
    const planned = delays[this.#failures]
    const wait = planned === undefined || !xhr ? undefined : waitAfter(xhr, planned)
    if (planned === undefined || wait === undefined) {
      this.#giveUp(xhr)
      return
    }
    this.#failures++
    // Not all visitors of a server that is back come in the same moment.
    this.#wait(wait + Math.random() * Math.max(250, planned / 4))
  }

  #wait(milliseconds: number): void {
    this.#stop()
    this.#state = 'waiting'
    // The first attempt follows at once, and most often nobody needs to know.
    if (this.#failures > 1 || milliseconds > 1_000) this.#say(this.#at.config.texts.reconnecting)
    this.#timer = setTimeout(() => this.start(), milliseconds)
  }

  async #freshen(token: Token, xhr: XMLHttpRequest): Promise<void> {
    this.#again = true
    const upload = this.#upload
    const came = this.#sentToken === token.value ? await token.refresh() : true
    if (this.#upload !== upload) return
    if (came) this.start()
    else this.#giveUp(xhr)
  }

  #giveUp(xhr: XMLHttpRequest | undefined): void {
    this.#end()
    const { dropzone } = this.#at
    const { dictResponseError = '' } = dropzone.options
    const answer = (xhr && answerOf(xhr)) || dictResponseError.replace('{{statusCode}}', String(xhr?.status ?? ''))
    dropzone._errorProcessing?.([this.#file], answer, xhr)
  }

  async #succeed(): Promise<void> {
    const { dropzone, token } = this.#at
    const { size } = this.#data
    clearTimeout(this.#timer)
    const { upload } = this.#file
    const answer = await finalAnswer(dropzone, token, this.#url ?? '', {
      name: upload?.filename ?? this.#file.name,
      size,
      type: this.#data.type,
    })
    if (this.#file.status !== 'uploading') return
    this.#end()
    this.#tell(size, size)
    dropzone._finished([this.#file], answer, null)
  }

  /** Does not abort: the status of an aborted request is 0, and its answer is still to be read. */
  #end(): void {
    clearTimeout(this.#timer)
    this.#upload = undefined
    this.#state = 'over'
    if (this.#url !== undefined) busy.delete(this.#url)
  }

  async #forget(): Promise<void> {
    const upload = this.#newUpload()
    for (const { uploadUrl, urlStorageKey } of await upload.findPreviousUploads()) {
      if (uploadUrl === this.#url) await upload.options.urlStorage?.removeUpload(urlStorageKey)
    }
  }

  #say(sentence: string): void {
    if (sentence !== this.#said) this.#emit('waiting', sentence)
    this.#said = sentence
  }

  #emit(event: string, ...args: unknown[]): void {
    this.#at.dropzone.emit(event, this.#file, ...args)
  }
}

/** The same file at the same endpoint, also after a reload of the page. */
function fingerprintOf({ name, size, lastModified }: File, endpoint: string): string {
  return ['dropgate', name, size, lastModified, endpoint].join('-')
}

/** A text, or the object of an answer in JSON, as Dropzone gives it to its handlers. */
function answerOf(xhr: XMLHttpRequest): unknown {
  if (!xhr.getResponseHeader('content-type')?.includes('json')) return xhr.responseText
  try {
    return JSON.parse(xhr.responseText)
  } catch {
    return ''
  }
}
