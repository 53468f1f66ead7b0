/** The surface a developer sees, as types. The engine is made by `dropgate(options)` in create.ts. */

import type { Page } from '../html/page.ts'
import type { Answer } from './answer.ts'
import type { CorsOptions } from './cors.ts'
import type { CsrfOptions } from './csrf-options.ts'
import type { DownloadOptions } from './download.ts'
import type { DownloadUrlOptions } from './download-url.ts'
import type { UploadEvent } from './events/types.ts'
import type { LimitOptions, QuotaOptions } from './limits/define.ts'

export type { Answer, CorsOptions, CsrfOptions, DownloadOptions, DownloadUrlOptions, LimitOptions, QuotaOptions }

import type { DropAreaOptions } from '../sansio/dropzone/options.ts'
import type { UploadError } from '../sansio/errors.ts'
import type { Messages } from '../sansio/messages.ts'
import type { PolicyOptions } from '../sansio/policy/policy.ts'
import type { FormFields } from '../upload/parts.ts'
import type { Clock, Locker, Storage } from '../upload/ports.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { FileFacts, Hooks, Inspector, Naming, UploadContext, UploadedFile, Validator } from '../upload/types.ts'

/** Options of `dropgate()`. Only `storage` is needed. */
export interface DropgateOptions extends Hooks {
  /** Where the endpoint lives. Default `/uploads`. */
  readonly path?: string
  /** Where the files are kept, e.g. `diskStorage('./uploads')` from `dropgate/disk`. */
  readonly storage: Storage
  /** What may come in. */
  readonly policy?: PolicyOptions
  /** How stored names are chosen. Default `'original'`. */
  readonly naming?: Naming
  /** What the drop area on the page looks and behaves like. */
  readonly dropArea?: DropAreaOptions
  /** Own sentences; page and server use the same. */
  readonly messages?: Partial<Messages>
  /** Omitted: origin check. With a secret: origin check and tokens. `false`: none, with one warning line. */
  readonly csrf?: CsrfOptions | false
  /**
   * Our own public origin, scheme://host[:port], where a proxy hides it. `Location` is absolute then; without it, it is
   * a path. Forwarded headers are never believed. Also does what `csrf.publicUrl` does.
   */
  readonly publicUrl?: string
  /** Other origins whose pages may use the endpoint. Default: none, and no CORS header at all. */
  readonly cors?: CorsOptions
  /** Own check of one file: name, type, size so far and the first 4 KiB, before anything is stored. */
  readonly validate?: Validator
  /**
   * Those who look through whole files, after the last byte and before anybody can see them, e.g. `imageLimit()`,
   * `zipLimit()` and `clamav()` from `dropgate/inspect`. Default: nobody. The storage has to be able to read an unfinished
   * upload (`readAt`), as disk and memory can.
   */
  readonly inspectors?: readonly Inspector[]
  /** How a refusal is written. `'text'` (default) or `{"error": "sentence"}` as `'json'`. */
  readonly errors?: 'text' | 'json'
  /**
   * Where a plain form without script is sent after a success (303). Default `dropArea.redirectUrl`; without either a small
   * result page is shown.
   */
  readonly redirectUrl?: string
  /**
   * Told what happens, for logs and figures: requests, uploads begun, finished and refused, stalls, sweeps. It is not
   * waited for, and what it throws is a line in the log. Also published by `node:diagnostics_channel`, one channel for
   * each kind: `dropgate:upload-finish`.
   */
  readonly onEvent?: (event: UploadEvent) => void
  /** One line of news for the operator. Default: warnings to stderr. */
  readonly log?: (line: string) => void
  /** From a route's name and parameters to its URL, for `getUrl` and `redirectView`. */
  readonly urlFor?: (name: string, params?: Readonly<Record<string, string>>) => string
  /**
   * Whose an upload is, for uploads over several requests (tus, IETF, chunks): only the same owner may continue it, for
   * all others it does not exist. May throw to refuse. Default: the visitor's CSRF session where tokens are on, else
   * whoever knows the upload's URL, which nobody can guess.
   */
  readonly authorize?: (request: IncomingRequest) => string | Promise<string>
  /** How much one visitor may use: uploads at once, requests a minute, bytes. Default: nothing is limited. */
  readonly limits?: LimitOptions
  /**
   * Addresses and networks of the proxies in front of this server, e.g. `['127.0.0.1', '10.0.0.0/8']`: what they say of
   * the client's address (`X-Forwarded-For`) is believed. Default: nobody is.
   */
  readonly trustedProxies?: readonly string[]
  /** Who may write to an upload right now. Default: a locker in memory; several processes need `fileLocker`. */
  readonly locker?: Locker
  /** Seconds an unfinished upload is kept. Default 86,400. */
  readonly expiry?: number
  /** The time, for tests. */
  readonly clock?: Clock
  /**
   * `true` or `{ secret }`: the endpoint gives out files by signed URLs that expire, made by `uploads.downloadUrl(name)`.
   * Signed with `csrf.secret`, or with a secret of its own. Default false; `uploads.download()` works without.
   */
  readonly downloads?: boolean | DownloadsOptions
}

/** Downloads by signed URL. */
export interface DownloadsOptions {
  /** Signs the URLs. At least 16 characters, the same in all processes; a list rotates: the first signs, all verify. */
  readonly secret?: string | readonly string[]
}

/** Where `file.save` put a file. */
export interface SavedTo {
  /** The name it has there. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Its path on this machine, if the storage can say. */
  readonly path?: string
}

/** A file of `uploads.files(request)`: not stored until `save` is called; drained when left unread. */
export interface ReceivedFile extends FileFacts {
  /** The bytes, for reading instead of saving. May be iterated once. */
  stream(): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * Saves the file, checked, atomic and durable; never overwrites.
   * @param target a folder (made if missing) or a storage; the engine's own storage when omitted
   */
  save(target?: string | Storage, options?: { readonly name?: string }): Promise<SavedTo>
}

/** The files of one request as they arrive. */
export interface Files extends AsyncIterable<ReceivedFile> {
  /** Form fields before the current file; all of them after the loop. */
  readonly fields: FormFields
}

/** All files of one request, stored. */
export interface Received {
  readonly files: readonly UploadedFile[]
  readonly fields: FormFields
}

/** The engine: a Fetch handler and what surrounds it. */
export interface Uploads {
  /** The endpoint's path, e.g. `/uploads`. */
  readonly path: string
  /** Whether uploads need a CSRF token (`csrf.secret` is set), beside the origin check. */
  readonly checksTokens: boolean
  /** Whether a request's URL lies at or under `path`. */
  matches(request: Pick<IncomingRequest, 'url'>): boolean
  /** Answers any request; 404 text outside `path`. Never rejects. */
  handle(request: IncomingRequest, context?: RequestContext): Promise<Response>
  /** The same for adapters: plain data, where making a `Response` would cost more than a small upload. Never rejects. */
  answer(request: IncomingRequest, context?: RequestContext): Promise<Answer>
  /** The files of a request to a route of your own, streaming. */
  files(request: IncomingRequest, context?: RequestContext): Files
  /** All files of a request to a route of your own, stored: all or none. */
  receive(request: IncomingRequest, context?: RequestContext): Promise<Received>
  /**
   * Answers a GET or HEAD of a route of your own with a stored file: ranges, conditions and headers that let no file run
   * a script. Never rejects: 404, 405, 412 and 416 are answered in words. Whether this visitor may read it is yours to ask.
   * @param name the file's name as the storage gave it: `file.name` of `onUploadFinish`, `name` in the answer; never a path
   * @example app.get('/files/:name', c => uploads.download(c.req.raw, c.req.param('name')))   // Hono
   */
  download(
    request: Pick<IncomingRequest, 'method' | 'headers'>,
    name: string,
    options?: DownloadOptions,
  ): Promise<Response>
  /**
   * A URL under `path` that gives out one file to whoever has it, until it expires; the option `downloads` must be set.
   * @returns a path; absolute where `publicUrl` is told
   * @throws OptionError where `downloads` is off; TypeError for an `expiresIn` that is no number of seconds above 0
   * @example uploads.downloadUrl(file.name, { expiresIn: 600 })
   */
  downloadUrl(name: string, options?: DownloadUrlOptions): string
  /** The helpers for a page with a drop area. */
  page(request: IncomingRequest): Promise<Page>
  /** The same, synchronously, where the adapter needs it (res.locals). */
  pageSync(request: IncomingRequest): Page
  /** Renders any thrown thing as an answer, in this engine's form and words. */
  errorResponse(error: unknown, request?: IncomingRequest): Response
  /** The sentence a person would read for `error`. */
  describeError(error: unknown): UploadError
  /** Makes the storage ready and sweeps what a crash left; done by itself before the first upload. */
  prepare(): Promise<void>
  /** Refuses new uploads with 503, waits for the running ones at most `graceMs` (30,000), then cuts them. */
  close(graceMs?: number): Promise<void>
}

export type { FileFacts, UploadContext, UploadEvent, UploadedFile }
