/** The limits of one engine, as a request meets them. */
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'
import type { LimitSettings } from './define.ts'
import { Limiter } from './limiter.ts'
import { type Account, Quotas } from './quota.ts'
import type { RemoteAddress } from './remote-address.ts'

/** A request that was let in. */
export interface Admission {
  /** Its share of its owner's quota, where there is one. */
  readonly account: Account | undefined
  /** Ends it. Idempotent. */
  leave(): void
}

/** What the limits ask of the engine. */
export interface LimitTools {
  readonly addressOf: RemoteAddress
  /** Whom `authorize` names; undefined without it. */
  readonly authorize: ((request: IncomingRequest) => Promise<string>) | undefined
  /** Bytes that the owner's unfinished uploads have been promised. */
  readonly unfinished: (owner: string) => Promise<number>
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number
}

/** Lets requests with bytes in, or not. */
export class Limits {
  readonly #settings: LimitSettings
  readonly #tools: LimitTools
  readonly #limiter: Limiter
  readonly #quotas: Quotas | undefined

  constructor(settings: LimitSettings, tools: LimitTools) {
    this.#settings = settings
    this.#tools = tools
    this.#limiter = new Limiter(settings, tools.now)
    const { quota } = settings
    this.#quotas =
      quota && new Quotas(quota.bytes, async owner => (await quota.used(owner)) + (await tools.unfinished(owner)))
  }

  /**
   * Called before the first byte of a request is stored.
   * @throws UploadError `too-many-uploads`; whatever `authorize`, `by` and `used` throw
   */
  async enter(request: IncomingRequest, context: RequestContext): Promise<Admission> {
    const { authorize, addressOf } = this.#tools
    const owner = await authorize?.(request)
    const visitor = (await this.#settings.by?.(request, context)) ?? owner ?? addressOf(request, context) ?? ''
    const leave = this.#limiter.enter(visitor)
    try {
      const account = await this.#quotas?.open(owner ?? '')
      return {
        account,
        leave() {
          account?.close()
          leave()
        },
      }
    } catch (error) {
      leave()
      throw error
    }
  }
}
