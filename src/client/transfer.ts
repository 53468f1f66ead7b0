/** One file on its way with tus: its attempts, and what happens between them. */
import { Attempt, type AttemptListener, type Surroundings, type Task } from './attempt.ts'
import { claim, release } from './claims.ts'
import { blamesToken, type Token } from './csrf.ts'
import type { DropzoneFile } from './dropzone-like.ts'
import { Notices } from './notices.ts'
import { Backoff } from './retry.ts'
import { answerOf, deleteUpload, endpointOf, finalAnswer } from './tus-requests.ts'

/** Milliseconds without a byte getting through, after which a connection is taken for dead; or Dropzone's `timeout`. */
const stalled = 60_000

type State = 'new' | 'running' | 'waiting' | 'paused' | 'over'

export class Transfer {
  readonly #task: Task
  readonly #notices: Notices
  readonly #backoff = new Backoff()
  readonly #listener: AttemptListener
  #state: State = 'new'
  /** The attempt that runs. */
  #attempt: Attempt | undefined
  /** Of the upload, which is this page's then. */
  #url: string | undefined
  /** The token was refused, and a fresh one is tried. */
  #again = false
  #acknowledged = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param url of an upload that this file goes on with, and that this page has claimed */
  constructor(file: DropzoneFile, data: Blob, at: Surroundings, url?: string) {
    this.#task = { file, data, endpoint: endpointOf(at.dropzone, file), at }
    this.#url = url
    this.#notices = new Notices(at.dropzone, file, data.size)
    this.#listener = {
      onUrl: found => this.#own(found),
      onOffset: offset => this.#advance(offset),
      onAccepted: () => {
        this.#again = false
      },
      onProgress: sent => {
        this.#watch(sent)
        this.#notices.progress(sent)
      },
      onSuccess: () => void this.#succeed(),
      onFailure: isRequest => this.#fail(isRequest),
    }
  }

  start(): void {
    this.#stop()
    this.#state = 'running'
    if (!navigator.onLine) {
      this.goOffline()
      return
    }
    this.#attempt = new Attempt(this.#task, this.#listener)
    this.#watch()
    void this.#attempt.start(this.#url)
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return
    this.#stop()
    this.#state = 'paused'
    this.#notices.waiting('')
    this.#notices.emit('paused')
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#backoff.reset()
    this.#notices.emit('resumed')
    this.start()
  }

  goOffline(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return
    this.#stop()
    this.#state = 'waiting'
    this.#notices.waiting(this.#task.at.config.texts.offline)
  }

  goOnline(): void {
    if (this.#state !== 'waiting') return
    this.#backoff.reset()
    this.start()
  }

  /** Also takes what has come off the server. */
  cancel(): void {
    this.#stop()
    this.#state = 'over'
    const url = this.#url
    if (url === undefined) return
    const { dropzone, token, unfinished } = this.#task.at
    release(url)
    unfinished.forget(url)
    void new Attempt(this.#task, this.#listener).forget(url)
    void deleteUpload(dropzone, token, url)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#attempt?.stop()
    this.#attempt = undefined
  }

  #own(url: string): void {
    const old = this.#url
    if (old === url) return
    if (old !== undefined) {
      release(old)
      this.#task.at.unfinished.forget(old)
    }
    this.#url = url
    void claim(url)
    if (this.#task.data === this.#task.file) this.#task.at.unfinished.keep(this.#task.file, url)
  }

  #advance(offset: number): void {
    if (offset > this.#acknowledged) this.#backoff.reset()
    this.#acknowledged = offset
  }

  /** A connection may die without a word, as when a laptop sleeps. Once all is sent, the server may take its time. */
  #watch(sent = 0): void {
    clearTimeout(this.#timer)
    if (sent === this.#task.data.size) return
    const { timeout } = this.#task.at.dropzone.options
    const cut = () => {
      const xhr = this.#attempt?.xhr
      this.#stop()
      this.#retry(xhr)
    }
    this.#timer = setTimeout(cut, (typeof timeout === 'number' && timeout) || stalled)
  }

  #fail(isRequest: boolean): void {
    const xhr = this.#attempt?.xhr
    const { token } = this.#task.at
    clearTimeout(this.#timer)
    if (!isRequest || !xhr) this.#giveUp(xhr)
    else if (!navigator.onLine && xhr.status === 0) this.goOffline()
    else if (token && !this.#again && blamesToken(xhr.status, answerOf(xhr))) void this.#freshen(token, xhr)
    else this.#retry(xhr)
  }

  #retry(xhr: XMLHttpRequest | undefined): void {
    const wait = xhr && this.#backoff.next(xhr)
    if (wait === undefined) {
      this.#giveUp(xhr)
      return
    }
    this.#stop()
    this.#state = 'waiting'
    // The first attempt follows at once, and most often nobody needs to know.
    if (wait > 1_000) this.#notices.waiting(this.#task.at.config.texts.reconnecting)
    this.#timer = setTimeout(() => this.start(), wait)
  }

  async #freshen(token: Token, xhr: XMLHttpRequest): Promise<void> {
    this.#again = true
    const attempt = this.#attempt
    const came = attempt?.sentToken === token.value ? await token.refresh() : true
    if (this.#attempt !== attempt) return
    if (came) this.start()
    else this.#giveUp(xhr)
  }

  #giveUp(xhr: XMLHttpRequest | undefined): void {
    this.#end()
    const { file, at } = this.#task
    const { dictResponseError = '' } = at.dropzone.options
    const answer = (xhr && answerOf(xhr)) || dictResponseError.replace('{{statusCode}}', String(xhr?.status ?? ''))
    at.dropzone._errorProcessing?.([file], answer, xhr)
  }

  async #succeed(): Promise<void> {
    const { file, data, at } = this.#task
    const url = this.#url ?? ''
    clearTimeout(this.#timer)
    const known = { name: file.upload?.filename ?? file.name, size: data.size, type: data.type }
    const answer = await finalAnswer(at.dropzone, at.token, url, known, this.#attempt?.xhr)
    if (file.status !== 'uploading') return
    this.#end()
    at.unfinished.forget(url)
    this.#notices.done()
    at.dropzone._finished([file], answer, null)
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#attempt?.leave()
    this.#attempt = undefined
    this.#state = 'over'
    if (this.#url !== undefined) release(this.#url)
  }
}
