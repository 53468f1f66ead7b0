import type { ResumableCapabilities } from '../intent.ts'
import type { InteropVersion } from './version.ts'

/** What an answer depends on beside its outcome. */
export interface IetfContext {
  readonly capabilities: ResumableCapabilities
  /** Milliseconds since 1970. */
  readonly now: number
  /** From `interopVersion(head)`. */
  readonly interop: InteropVersion | undefined
}
