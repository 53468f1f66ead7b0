/** The engine's way out: files by name for a route of the app, and signed URLs that the endpoint serves itself. */
import type { Signer } from '../sansio/csrf/signer.ts'
import { OptionError } from '../sansio/option-error.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import { answerDownload, type DownloadOptions } from './download.ts'
import { type DownloadUrlOptions, downloadPath, readDownloadPath } from './download-url.ts'
import type { Settings } from './options.ts'
import { createSigner } from './signer.ts'

export class Downloads {
  readonly #settings: Settings
  /** Undefined: the endpoint gives out nothing. */
  readonly #signer: Signer | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#signer = settings.downloadSecrets && createSigner(settings.downloadSecrets)
  }

  /** @throws UploadError what `answerDownload` throws */
  answer(
    request: Pick<IncomingRequest, 'method' | 'headers'>,
    name: string,
    options: DownloadOptions,
  ): Promise<Answer> {
    const { storage, clock } = this.#settings
    return answerDownload(request, storage, name, options, clock.now())
  }

  /** The signed URL of a file: a path, absolute where `publicUrl` is told. */
  url(name: string, options: DownloadUrlOptions): string {
    const { path, publicUrl = '', clock } = this.#settings
    if (!this.#signer) throw new OptionError('downloads', undefined, 'true or { secret } before URLs can be signed')
    return `${publicUrl}${path}${downloadPath(this.#signer, name, options, clock.now())}`
  }

  /**
   * Answers a request with a signed URL; undefined for every other request.
   * @param encodedName what follows the endpoint's path, percent-encoded
   * @throws UploadError `link-invalid`, `link-expired` before anything is looked up
   */
  serve(request: IncomingRequest, encodedName: string): Promise<Answer> | undefined {
    if (!this.#signer || !['GET', 'HEAD'].includes(request.method)) return undefined
    const key = new URL(request.url, 'http://localhost').searchParams.get('key')
    if (key === null) return undefined
    const { name, ...options } = readDownloadPath(this.#signer, encodedName, key, this.#settings.clock.now())
    return this.answer(request, name, options)
  }
}
