/** How much an owner may keep, reserved before it is written: racing uploads never exceed it together. */
import { UploadError } from '../../sansio/errors.ts'

/** One request's share of its owner's quota. */
export interface Account {
  /**
   * Sets bytes aside, before they are stored.
   * @throws UploadError `quota-exceeded`
   */
  reserve(bytes: number): void
  /** What was set aside is stored now and counts as used. */
  keep(): void
  /** Ends the request: what is set aside and not kept is free again. Idempotent. */
  close(): void
}

interface Ledger {
  /** Bytes that were in use when it was last asked, and what was kept since. */
  used: number
  reserved: number
  accounts: number
}

/**
 * The quotas of all owners. Of each one with a request under way it knows what is used and what is set aside; of all
 * others nothing.
 */
export class Quotas {
  readonly #bytes: number
  readonly #used: (owner: string) => number | Promise<number>
  readonly #ledgers = new Map<string, Ledger>()

  /** @param used asks the app how many bytes the owner has now */
  constructor(bytes: number, used: (owner: string) => number | Promise<number>) {
    this.#bytes = bytes
    this.#used = used
  }

  /** Begins a request. Its account must be closed. */
  async open(owner: string): Promise<Account> {
    const ledger = this.#ledgers.get(owner) ?? { used: 0, reserved: 0, accounts: 0 }
    this.#ledgers.set(owner, ledger)
    ledger.accounts++
    const leave = () => {
      if (--ledger.accounts === 0) this.#ledgers.delete(owner)
    }
    try {
      const used = await this.#used(owner)
      // What was kept while we asked may be in the answer or not; the larger figure is never too small.
      ledger.used = Math.max(ledger.used, used)
    } catch (error) {
      leave()
      throw error
    }
    return this.#account(ledger, leave)
  }

  #account(ledger: Ledger, leave: () => void): Account {
    let own = 0
    let open = true
    return {
      reserve: bytes => {
        if (ledger.used + ledger.reserved + bytes > this.#bytes) throw new UploadError('quota-exceeded')
        ledger.reserved += bytes
        own += bytes
      },
      keep: () => {
        ledger.used += own
        ledger.reserved -= own
        own = 0
      },
      close: () => {
        if (!open) return
        open = false
        ledger.reserved -= own
        leave()
      },
    }
  }
}
