/** What a locker under test brings along. */
import type { Locker } from '../upload/ports.ts'

/** A fresh locker that nobody uses. */
export interface LockerHarness {
  readonly locker: Locker
  /**
   * A second locker over the same place, as another process would make it. Leave it out where there can be none; the
   * check that needs it is then skipped.
   */
  readonly other?: Locker
  /** Called once at the end of each check, also after a failure. */
  cleanup?(): Promise<void>
}
