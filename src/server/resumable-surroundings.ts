/** What tus and the IETF protocol work with. */
import type { UploadError } from '../sansio/errors.ts'
import type { ResumableCapabilities, ResumableView } from '../sansio/resumable/intent.ts'
import type { Cut } from '../upload/cut.ts'
import type { Pending } from '../upload/ports.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import type { ResumablePipeline, ResumableUploads } from '../upload/resumable.ts'

/** The two dialects. */
export type ResumableDialect = 'tus' | 'ietf'

/** What the shell works with. */
export interface ResumableSurroundings {
  readonly uploads: ResumableUploads
  /** The endpoint's path. */
  readonly path: string
  /** Our public origin, if one is configured: locations are absolute then. */
  readonly publicUrl: string | undefined
  readonly capabilities: ResumableCapabilities
  readonly now: () => number
  /** Makes the storage ready. One that is not held open would be opened, and swept, for each request. */
  readonly prepare: () => Pending
  /** What the runtime can do beside Fetch: interim answers, trailers. */
  readonly context: RequestContext
  /** Made when the server has to end. */
  readonly cut: Cut
  /** Runs the checks of the request (site, token) and returns the pipeline it may use. */
  enter(request: IncomingRequest): ResumablePipeline
  /** Runs what brings bytes, within the visitor's limits. */
  admitted<T>(pipeline: ResumablePipeline, task: () => Promise<T>): Promise<T>
  /** Whose upload it is. */
  owner(request: IncomingRequest): Promise<string>
  /** Tells of a refusal; returns it as one. */
  refused(error: unknown, request: IncomingRequest): Promise<UploadError>
}

/** One request on its way, with what may be told before its answer. */
export interface Exchange {
  readonly request: IncomingRequest
  readonly dialect: ResumableDialect
  /** Of the upload in the URL; undefined at the endpoint itself. */
  readonly id: string | undefined
  readonly at: ResumableSurroundings
  /** Tells the URL of an upload. @returns whether it went out */
  announce(view: ResumableView): boolean
  progress(offset: number): void
}
