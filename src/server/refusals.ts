import type { UploadError } from '../sansio/errors.ts'
import { toUploadError } from '../upload/pipeline.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Settings } from './options.ts'

/** Tells the operator and `onUploadReject` of refusals. */
export class Refusals {
  readonly #settings: Pick<Settings, 'log' | 'hooks'>
  /** Those that were told already: one may pass here twice, by `save()` and by the loop around it. */
  readonly #told = new WeakSet<UploadError>()

  constructor(settings: Pick<Settings, 'log' | 'hooks'>) {
    this.#settings = settings
  }

  /** Tells of any thrown thing, once, and returns it as a refusal. Never rejects. */
  async tell(error: unknown, request: IncomingRequest): Promise<UploadError> {
    const refusal = toUploadError(error)
    if (this.#told.has(refusal)) return refusal
    this.#told.add(refusal)
    this.logCause(refusal)
    try {
      await this.#settings.hooks.onUploadReject?.(refusal, request)
    } catch (cause) {
      this.#settings.log(`onUploadReject failed: ${describeCause(cause)}`)
    }
    return refusal
  }

  /** What went wrong here is for the log alone. */
  logCause({ status, code, cause }: UploadError): void {
    if (status >= 500 && cause !== undefined) this.#settings.log(`${code}: ${describeCause(cause)}`)
  }
}

/** One line, whatever the thrown thing holds. */
function describeCause(cause: unknown): string {
  return String(cause instanceof Error ? (cause.stack ?? cause.message) : cause).replace(/\s+/g, ' ')
}
