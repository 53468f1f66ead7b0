/** The engine's resumable half: the service on the storage's capability, and what surrounds a request. */
import { createHash } from 'node:crypto'
import { UploadError } from '../sansio/errors.ts'
import { ietfFeatures } from '../sansio/resumable/ietf/reply.ts'
import { interopVersion } from '../sansio/resumable/ietf/version.ts'
import type { ResumableCapabilities } from '../sansio/resumable/intent.ts'
import { tusFeatures } from '../sansio/resumable/tus/reply.ts'
import { ChunkUploads } from '../upload/chunks.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { ResumableUploads } from '../upload/resumable.ts'
import type { CsrfGuard } from './csrf.ts'
import type { Settings } from './options.ts'

/** Milliseconds between two sweeps of what has expired. */
const sweepEvery = 60 * 60 * 1000

/** Uploads over several requests, for storages that can keep them. */
export class Resumables {
  readonly uploads: ResumableUploads
  readonly chunks: ChunkUploads
  readonly #capabilities: ResumableCapabilities
  readonly #settings: Settings
  readonly #guard: CsrfGuard | undefined
  #swept = Number.NEGATIVE_INFINITY

  constructor(
    settings: Settings,
    storage: NonNullable<Settings['storage']['resumable']>,
    guard: CsrfGuard | undefined,
  ) {
    const { locker, clock, expiry, policy } = settings
    this.#settings = settings
    this.#guard = guard
    const parts = { storage, locker, clock, expiry, createHash }
    this.uploads = new ResumableUploads(parts)
    this.chunks = new ChunkUploads(parts, this.uploads)
    this.#capabilities = {
      concatenation: true,
      trailers: false,
      maxAge: Math.floor(expiry / 1000),
      ...(Number.isFinite(policy.maxFileSize) && { maxSize: policy.maxFileSize }),
    }
  }

  /** What can be done over the connection of a request. */
  capabilitiesFor({ trailers }: RequestContext): ResumableCapabilities {
    return { ...this.#capabilities, trailers: trailers !== undefined }
  }

  /** What an OPTIONS request is told. */
  features(request: IncomingRequest, context: RequestContext): Readonly<Record<string, string>> {
    const capabilities = this.capabilitiesFor(context)
    return { ...tusFeatures(capabilities), ...ietfFeatures(capabilities, interopVersion(request)) }
  }

  /** Whose upload it is; `''` where whoever knows the URL may go on. */
  async owner(request: IncomingRequest): Promise<string> {
    const { authorize } = this.#settings
    if (!authorize) return this.#guard?.signer ? this.#guard.session(request).id : ''
    const owner = await authorize(request)
    if (typeof owner !== 'string') throw new UploadError('not-allowed')
    return owner
  }

  /** Removes what has expired, at most once an hour. */
  async sweep(): Promise<void> {
    const now = this.#settings.clock.now()
    // A clock that was set back must not put the next sweep off for years.
    if (Math.abs(now - this.#swept) < sweepEvery) return
    this.#swept = now
    await this.uploads
      .sweep()
      .catch((error: unknown) => this.#settings.log(`the sweep of expired uploads failed: ${error}`))
  }
}
