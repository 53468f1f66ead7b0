/** The limits of one engine, as a request meets them. */
import type { Pipeline } from '../../upload/pipeline.ts'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import type { Settings } from '../options.ts'
import { Limiter } from './limiter.ts'
import { Quotas } from './quota.ts'

/** What the limits are made of. */
type LimitParts = Pick<Settings, 'addressOf' | 'authorize'> & {
  readonly limits: NonNullable<Settings['limits']>
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number
  /** Bytes that the owner's unfinished uploads have been promised. */
  readonly unfinished: (owner: string) => Promise<number> | undefined
}

/**
 * The limits of an engine; undefined where none are set.
 * @param unfinished bytes that an owner's unfinished uploads have been promised
 */
export function limitsOf(
  { limits, addressOf, authorize, clock }: Settings,
  unfinished: LimitParts['unfinished'],
): Limits | undefined {
  const now = () => clock.steady?.() ?? clock.now()
  return limits && new Limits({ limits, addressOf, authorize, now, unfinished })
}

/** Lets requests with bytes in, or not. */
export class Limits {
  readonly #parts: LimitParts
  readonly #limiter: Limiter
  readonly #quotas: Quotas | undefined

  constructor(parts: LimitParts) {
    const { limits, now, unfinished } = parts
    const { quota } = limits
    this.#parts = parts
    this.#limiter = new Limiter(limits, now)
    this.#quotas =
      quota && new Quotas(quota.bytes, async owner => (await quota.used(owner)) + ((await unfinished(owner)) ?? 0))
  }

  /**
   * Runs a task that brings bytes, before the first of them is stored, within what its visitor may use.
   * @throws UploadError `too-many-uploads`; whatever `authorize`, `by`, `used` and the task throw
   */
  async run<T>(
    request: IncomingRequest,
    context: RequestContext,
    pipeline: Pick<Pipeline, 'account'>,
    task: () => Promise<T>,
  ): Promise<T> {
    const { limits, addressOf, authorize } = this.#parts
    const owner = await authorize?.(request)
    const visitor = (await limits.by?.(request, context)) ?? owner ?? addressOf(request, context) ?? ''
    const leave = this.#limiter.enter(visitor)
    try {
      const account = await this.#quotas?.open(owner ?? '')
      pipeline.account = account
      try {
        const done = await task()
        account?.keep()
        return done
      } finally {
        account?.close()
      }
    } finally {
      leave()
    }
  }
}
