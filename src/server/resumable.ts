/** The engine's resumable half: the service on the storage's capability, and what surrounds a request. */
import { createHash } from 'node:crypto'
import { CsrfError, UploadError } from '../sansio/errors.ts'
import { ietfFeatures } from '../sansio/resumable/ietf/reply.ts'
import { interopVersion } from '../sansio/resumable/ietf/version.ts'
import type { ResumableCapabilities } from '../sansio/resumable/intent.ts'
import { tusFeatures } from '../sansio/resumable/tus/reply.ts'
import { ChunkUploads } from '../upload/chunks.ts'
import { Expiry } from '../upload/expiry.ts'
import { randomId } from '../upload/random.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { ResumableUploads } from '../upload/resumable.ts'
import type { UploadedFile } from '../upload/types.ts'
import type { CsrfGuard } from './csrf.ts'
import { deleteUrl } from './delete-url.ts'
import { parsePayload } from './gate.ts'
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
  readonly #onSweep: (removed: number) => void
  #swept = Number.NEGATIVE_INFINITY

  constructor(
    settings: Settings,
    storage: NonNullable<Settings['storage']['resumable']>,
    guard: CsrfGuard | undefined,
    onSweep: (removed: number) => void,
  ) {
    this.#onSweep = onSweep
    const { locker, clock, policy } = settings
    this.#settings = settings
    this.#guard = guard
    const expiry = new Expiry(clock, randomId(), settings.expiry)
    const parts = { storage, locker, expiry, createHash }
    this.uploads = new ResumableUploads(parts)
    this.chunks = new ChunkUploads(parts, this.uploads)
    this.#capabilities = {
      concatenation: true,
      trailers: false,
      maxAge: Math.floor(settings.expiry / 1000),
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

  /** The URL that deletes a file which this request has finished; undefined where that is off. */
  deleteUrl(request: IncomingRequest, file: UploadedFile): string | undefined {
    const guard = this.#guard
    if (!guard?.signer) return undefined
    const page = parsePayload(guard.payloadOf(guard.headerToken(request)))?.page
    try {
      return deleteUrl(request, file, this.#settings, guard, page)
    } catch (error) {
      // Without a session nobody could use it; and the file is there already.
      if (error instanceof CsrfError) return undefined
      throw error
    }
  }

  /** Removes what has expired, at most once an hour. */
  async sweep(): Promise<void> {
    const { clock } = this.#settings
    // The wall clock may be set back, which must not put the next sweep off for years.
    const now = clock.steady?.() ?? clock.now()
    if (Math.abs(now - this.#swept) < sweepEvery) return
    this.#swept = now
    await this.uploads
      .sweep()
      .then(this.#onSweep)
      .catch((error: unknown) => this.#settings.log(`the sweep of expired uploads failed: ${error}`))
  }
}
