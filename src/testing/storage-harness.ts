/** What a storage under test brings along. */
import type { Storage } from '../upload/ports.ts'

/** A fresh, empty storage and the eyes of a stranger who looks at what it keeps. */
export interface StorageHarness {
  readonly storage: Storage
  /** The bytes that a reader finds under a name, or undefined; not through the storage itself where that can be. */
  readBack(name: string): Promise<Uint8Array | undefined>
  /** All names that a reader can see, in any order. */
  visible(): Promise<readonly string[]>
  /**
   * Witness for durability: the files that a reader would find if the power were cut at the moment of the call. Leave
   * it out where that cannot be known; the check is then skipped.
   */
  afterPowerCut?(): Promise<ReadonlyMap<string, Uint8Array>>
  /**
   * A second storage over the same place, as another process or the next start would make it. Leave it out where nothing
   * outlives the storage; what needs it is then skipped.
   */
  reopen?(): Promise<Storage>
  /** Another place for `storage.at(path)`. Leave it out where the storage has no such capability. */
  readonly elsewhere?: {
    readonly path: string
    readBack(name: string): Promise<Uint8Array | undefined>
  }
  /** Called once at the end of each check, also after a failure. */
  cleanup?(): Promise<void>
}
