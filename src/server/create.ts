import type { Page } from '../html/page.ts'
import { UploadError } from '../sansio/errors.ts'
import { drain } from '../upload/body.ts'
import type { Cut } from '../upload/cut.ts'
import { type Pipeline, toUploadError } from '../upload/pipeline.ts'
import { randomId } from '../upload/random.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { UploadedFile } from '../upload/types.ts'
import { type Answer, toResponse } from './answer.ts'
import { allowOrigin, answerPreflight } from './cors.ts'
import { CsrfGuard } from './csrf.ts'
import type { DownloadOptions } from './download.ts'
import type { DownloadUrlOptions } from './download-url.ts'
import { Downloads } from './downloads.ts'
import { type ReceivedUploads, receiveUploads } from './endpoint.ts'
import { Events } from './events/events.ts'
import type { UploadProtocol } from './events/types.ts'
import { filesOf } from './files.ts'
import { Gate } from './gate.ts'
import { type Limits, limitsOf } from './limits/limits.ts'
import { defineSettings, type Settings } from './options.ts'
import { PageCounts } from './page-counts.ts'
import { Pages } from './pages.ts'
import { Refusals } from './refusals.ts'
import { renderError } from './render.ts'
import { Resumables } from './resumable.ts'
import { answerResumable } from './resumable-endpoint.ts'
import type { ResumableDialect } from './resumable-surroundings.ts'
import { route } from './route.ts'
import { Running } from './running.ts'
import type { Surroundings } from './surroundings.ts'
import type { DropgateOptions, Files, Received, Uploads } from './types.ts'

/**
 * Makes the engine: an upload endpoint, the helpers of its page, and the means to receive files in routes of your own.
 *
 * @throws OptionError for a wrong option, with a sentence that names it, its value and what is allowed
 * @example
 * const uploads = dropgate({ storage: diskStorage('./uploads'), policy: { accept: 'image/*', maxFileSize: '50 MiB' } })
 * export default { fetch: (request: Request) => uploads.handle(request) }
 */
export function dropgate(options: DropgateOptions): Uploads {
  const settings = defineSettings(options)
  if (settings.csrf === undefined) {
    settings.log('csrf is false: any web site can make a visitor of yours upload files with their cookies.')
  }
  return new Engine(settings)
}

class Engine implements Uploads {
  readonly path: string
  readonly checksTokens: boolean
  readonly #settings: Settings
  readonly #pipeline: Pipeline
  readonly #guard: CsrfGuard | undefined
  readonly #counts = new PageCounts()
  readonly #pages: Pages
  readonly #downloads: Downloads
  readonly #events: Events
  readonly #resumables: Resumables | undefined
  readonly #limits: Limits | undefined
  readonly #running = new Running()
  readonly #refusals: Refusals
  readonly #surroundings: Surroundings

  constructor(settings: Settings) {
    const { storage, policy, messages, naming, validate, inspectors, hooks, log, path, csrf, clock } = settings
    this.path = path
    this.#settings = settings
    this.#pipeline = { storage, policy, messages, naming, validate, inspectors, ...hooks, randomId, warn: log }
    this.#guard = csrf && new CsrfGuard(csrf, clock, log)
    this.checksTokens = this.#guard?.signer !== undefined
    this.#pages = new Pages(settings, this.#guard)
    this.#downloads = new Downloads(settings)
    this.#events = new Events(settings)
    const { resumable } = storage
    this.#resumables =
      resumable && new Resumables(settings, resumable, this.#guard, removed => this.#events.swept(removed))
    this.#limits = limitsOf(settings, owner => this.#resumables?.uploads.unfinishedBytes(owner))
    this.#refusals = new Refusals(settings)
    this.#surroundings = {
      settings,
      guard: this.#guard,
      counts: this.#counts,
      pages: this.#pages,
      downloads: this.#downloads,
      resumables: this.#resumables,
      receive: (request, context) => this.#receive(request, context),
      features: (request, context) => this.#resumables?.features(request, context) ?? {},
      resume: (...of) => this.#resume(...of),
    }
  }

  matches({ url }: Pick<IncomingRequest, 'url'>): boolean {
    const path = pathOf(url)
    return path === this.path || path.startsWith(`${this.path}/`)
  }

  async handle(request: IncomingRequest, context?: RequestContext): Promise<Response> {
    return toResponse(await this.answer(request, context))
  }

  async answer(request: IncomingRequest, context: RequestContext = {}): Promise<Answer> {
    const { corsOrigins, errors } = this.#settings
    try {
      if (!this.matches(request)) throw new UploadError('not-found', 'Not found.')
      const preflight = answerPreflight(request, corsOrigins, this.#guard?.settings.headers ?? [])
      if (preflight) return allowOrigin(request, corsOrigins, preflight)
      const rest = pathOf(request.url).slice(this.path.length)
      return allowOrigin(request, corsOrigins, await route(request, context, rest, this.#surroundings))
    } catch (error) {
      return allowOrigin(request, corsOrigins, renderError(await this.#refusals.tell(error, request), errors))
    } finally {
      // A body that nobody wants any more still has to go out of the sender before it reads our answer.
      void drain(request.body)
      // Afterwards, so that it does not take this very upload from under the request.
      void this.#resumables?.sweep()
    }
  }

  files(request: IncomingRequest, context: RequestContext = {}): Files {
    const watch = this.#watch(request, context, formOrBinary(request))
    const pipeline = watch.observe({ ...this.#pipeline })
    return filesOf(request, context, {
      pipeline,
      total: { bytes: 0 },
      gate: () => this.#gate(request, pipeline),
      run: reading =>
        watch.during(this.#run(request, context, () => this.#admitted(request, context, pipeline, () => reading()))),
      refused: error => this.#refusals.tell(watch.rejecting(error), request),
    })
  }

  async receive(request: IncomingRequest, context: RequestContext = {}): Promise<Received> {
    try {
      return await this.#receive(request, context)
    } catch (error) {
      throw await this.#refusals.tell(error, request)
    } finally {
      void this.#resumables?.sweep()
    }
  }

  async download(
    request: Pick<IncomingRequest, 'method' | 'headers'>,
    name: string,
    options: DownloadOptions = {},
  ): Promise<Response> {
    try {
      return toResponse(await this.#downloads.answer(request, name, options))
    } catch (error) {
      const refusal = this.describeError(error)
      this.#refusals.logCause(refusal)
      return this.errorResponse(refusal)
    }
  }

  downloadUrl(name: string, options: DownloadUrlOptions = {}): string {
    return this.#downloads.url(name, options)
  }

  pageSync(request: IncomingRequest): Page {
    return this.#pages.page(request)
  }

  async page(request: IncomingRequest): Promise<Page> {
    return this.pageSync(request)
  }

  describeError(error: unknown): UploadError {
    return toUploadError(error)
  }

  errorResponse(error: unknown, _request?: IncomingRequest): Response {
    return toResponse(renderError(this.describeError(error), this.#settings.errors))
  }

  async prepare(): Promise<void> {
    await this.#settings.storage.prepare?.()
  }

  close(graceMs = 30_000): Promise<void> {
    return this.#running.close(graceMs)
  }

  #checkBody(request: IncomingRequest, context: RequestContext): void {
    if (!context.bodyConsumed && !request.bodyUsed) return
    this.#settings.log(
      `the body of ${request.method} ${this.path} was read before dropgate saw it: mount dropgate before ` +
        'body parsers such as express.raw or multer.',
    )
    throw new UploadError('body-consumed')
  }

  #receive(request: IncomingRequest, context: RequestContext): Promise<ReceivedUploads> {
    const watch = this.#watch(request, context, formOrBinary(request))
    const pipeline = watch.observe({ ...this.#pipeline })
    const received = this.#run(request, context, cut => {
      const gate = this.#gate(request, pipeline)
      return this.#admitted(request, context, pipeline, () =>
        receiveUploads(request, context, pipeline, gate, this.#resumables, cut),
      )
    })
    return watch.whole(received)
  }

  #resume(
    request: IncomingRequest,
    context: RequestContext,
    dialect: ResumableDialect,
    id: string | undefined,
  ): Promise<Answer> {
    const resumables = this.#resumables
    if (!resumables) throw new UploadError('not-found')
    const watch = this.#watch(request, context, dialect)
    const answer = this.#running.trackResumable(cut =>
      answerResumable(request, dialect, id, {
        uploads: resumables.uploads,
        capabilities: resumables.capabilitiesFor(context),
        context,
        cut,
        path: this.path,
        publicUrl: this.#settings.publicUrl,
        now: () => this.#settings.clock.now(),
        prepare: () => this.#settings.storage.prepare?.(),
        enter: head => {
          this.#running.checkOpen()
          this.#checkBody(request, context)
          const pipeline = { ...this.#pipeline, deleteUrl: (file: UploadedFile) => resumables.deleteUrl(request, file) }
          this.#gate(head, pipeline)?.pass()
          return watch.observe(pipeline)
        },
        owner: of => resumables.owner(of),
        admitted: (pipeline, task) => this.#admitted(request, context, pipeline, task),
        refused: (error, of) => this.#refusals.tell(watch.rejecting(error), of),
      }),
    )
    return watch.during(answer)
  }

  /** Runs a task that brings bytes, within the visitor's limits. */
  #admitted<T>(
    request: IncomingRequest,
    context: RequestContext,
    pipeline: Pipeline,
    task: () => Promise<T>,
  ): Promise<T> {
    return this.#limits ? this.#limits.run(request, context, pipeline, task) : task()
  }

  #watch(request: IncomingRequest, context: RequestContext, protocol: UploadProtocol) {
    return this.#events.watch(protocol, () => this.#settings.addressOf(request, context))
  }

  /** The gate of a request; undefined where it may pass already. */
  #gate(request: IncomingRequest, pipeline: Pipeline): Gate | undefined {
    const gate = this.#guard && new Gate(request, this.#guard, pipeline, this.#counts)
    return gate?.isOpen ? undefined : gate
  }

  #run<T>(request: IncomingRequest, context: RequestContext, task: (cut: Cut) => Promise<T>): Promise<T> {
    return this.#running.track(cut => {
      this.#checkBody(request, context)
      return task(cut)
    })
  }
}

/** The path of an absolute URL or of a raw target, without query. */
function pathOf(url: string): string {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}

/** By the head alone, as the intake will see it. */
function formOrBinary({ headers }: IncomingRequest): UploadProtocol {
  return /^\s*multipart\//i.test(headers.get('content-type') ?? '') ? 'form' : 'binary'
}
