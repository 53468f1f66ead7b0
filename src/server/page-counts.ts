import type { UploadError } from '../sansio/errors.ts'
import type { Messages } from '../sansio/messages.ts'
import { checkCount, type Policy } from '../sansio/policy/policy.ts'

/** So many pages are remembered; then the longest unused is forgotten, and may send its number of files again. */
const maxPages = 100_000

/** How many files each page has sent, by the id in its token. Of this process only. */
export class PageCounts {
  readonly #counts = new Map<string, number>()

  /**
   * Counts one more file of a page.
   * @throws UploadError `too-many-files`
   */
  take(page: string, policy: Policy, messages: Messages): void {
    const count = (this.#counts.get(page) ?? 0) + 1
    const refusal: UploadError | undefined = checkCount(policy, count, messages)
    if (refusal) throw refusal
    this.#counts.delete(page)
    this.#counts.set(page, count)
    if (this.#counts.size > maxPages) this.#counts.delete(this.#counts.keys().next().value as string)
  }

  /** One of the page's files was refused or deleted. */
  giveBack(page: string): void {
    const count = this.#counts.get(page) ?? 0
    if (count > 1) this.#counts.set(page, count - 1)
    else this.#counts.delete(page)
  }
}
