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

/** Fills in the defaults. */
export function bridgeLimits(options: BridgeOptions = {}): BridgeLimits {
  return { ...defaults, ...options }
}
