/** The option `limits`. */
import type { Size } from '../../sansio/bytes/size.ts'
import { OptionError } from '../../sansio/option-error.ts'
import { readCount, readSize } from '../../sansio/policy/define.ts'
import { knownOptions } from '../../sansio/policy/option-keys.ts'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'

/** How much one visitor may use. Nothing is limited unless it is given. */
export interface LimitOptions {
  /**
   * Whose requests are counted together. Default: the owner that `authorize` names, else the client's address (see
   * `trustedProxies`).
   */
  readonly by?: (request: IncomingRequest, context: RequestContext) => string | Promise<string>
  /** Uploads of one visitor under way at once. A page sends as many as its `parallelUploads` says. Default: no limit. */
  readonly parallel?: number
  /** Requests of one visitor that bring bytes, a minute; a whole minute's worth may come at once. Default: no limit. */
  readonly requestsPerMinute?: number
  /** Bytes one visitor may keep. */
  readonly quota?: QuotaOptions
}

/** The bytes an owner may keep. */
export interface QuotaOptions {
  /** Bytes, or a size such as `'5 GiB'`. */
  readonly bytes: Size
  /** How many bytes the owner keeps now; asked once a request. Count a file in `onUploadFinish`, before it returns. */
  readonly used: (owner: string) => number | Promise<number>
}

/** The option after its check. */
export interface LimitSettings {
  readonly by: LimitOptions['by']
  readonly parallel: number
  readonly requestsPerMinute: number
  readonly quota: { readonly bytes: number; readonly used: QuotaOptions['used'] } | undefined
}

/**
 * Checks the option; undefined where it is not given.
 * @throws OptionError
 */
export function defineLimits(options: LimitOptions | undefined): LimitSettings | undefined {
  if (options === undefined) return undefined
  const given = knownOptions(options, ['by', 'parallel', 'requestsPerMinute', 'quota'], 'limits')
  for (const [name, value] of given) {
    if (name === 'by' && typeof value !== 'function') throw new OptionError('limits.by', value, 'a function')
    if (name === 'parallel' || name === 'requestsPerMinute') readCount(value, 1, `limits.${name}`)
  }
  return {
    by: options.by,
    parallel: options.parallel ?? Number.POSITIVE_INFINITY,
    requestsPerMinute: options.requestsPerMinute ?? Number.POSITIVE_INFINITY,
    quota: options.quota && defineQuota(options.quota),
  }
}

function defineQuota(options: QuotaOptions): NonNullable<LimitSettings['quota']> {
  knownOptions(options, ['bytes', 'used'], 'limits.quota')
  if (typeof options.used !== 'function') {
    throw new OptionError('limits.quota.used', options.used, 'a function that tells the bytes an owner keeps')
  }
  return { bytes: readSize(options.bytes, 'limits.quota.bytes'), used: options.used }
}
