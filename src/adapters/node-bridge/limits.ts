import { OptionError } from '../../sansio/option-error.ts'
import { knownOptions } from '../../sansio/policy/option-keys.ts'

/** What the Node bridge spends on a request that nobody wants to read any more, and on one that hardly comes. */
export interface BridgeOptions {
  /** Bytes of a refused body that are read and thrown away before the connection is given up. Default 64 MiB. */
  readonly drainBytes?: number
  /** Milliseconds for the same. Default 30,000. */
  readonly drainMs?: number
  /** Milliseconds between half-closing a connection and cutting it. Default 2,000. */
  readonly lingerMs?: number
  /** A body that comes slower than this many bytes per second is refused (408). Default 1,024; 0 switches it off. */
  readonly minBytesPerSecond?: number
  /** Milliseconds over which the speed is measured. Default 30,000. */
  readonly rateWindowMs?: number
}

/** The same, with every value known. */
export type BridgeLimits = Required<BridgeOptions>

const defaults: BridgeLimits = {
  drainBytes: 64 * 1024 * 1024,
  drainMs: 30_000,
  lingerMs: 2_000,
  minBytesPerSecond: 1_024,
  rateWindowMs: 30_000,
}

/** The names of all options. */
export const bridgeOptionNames: readonly string[] = Object.keys(defaults)

/**
 * Checks the options and fills in the defaults.
 * @param prefix what stands before an option's name in the sentence
 * @throws OptionError
 */
export function bridgeLimits(options: BridgeOptions | undefined, prefix = 'options'): BridgeLimits {
  const limits: Record<keyof BridgeLimits, number> = { ...defaults }
  for (const [name, value] of knownOptions(options, bridgeOptionNames, prefix)) {
    if (name.endsWith('Ms')) checkMilliseconds(value, `${prefix}.${name}`, name === 'rateWindowMs' ? 1 : 0)
    else checkBytes(value, `${prefix}.${name}`)
    limits[name as keyof BridgeLimits] = value as number
  }
  return limits
}

/**
 * Refuses what a timer of Node cannot wait for; it would wait for a millisecond instead.
 * @throws OptionError
 */
export function checkMilliseconds(value: unknown, name: string, least = 0): void {
  const most = 2 ** 31 - 1
  if (typeof value === 'number' && value >= least && value <= most) return
  throw new OptionError(name, value, `milliseconds from ${least} to ${most} (24 days)`)
}

function checkBytes(value: unknown, name: string): void {
  if (typeof value === 'number' && value >= 0) return
  throw new OptionError(name, value, 'a number of bytes from 0 on')
}
