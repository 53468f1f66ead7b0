/** One `acquire` within this process: waiting, holding or over. */
import { UploadError } from '../../../sansio/errors.ts'
import type { Claim } from './claim.ts'

/** Wakes early when something happens, late enough to cost nothing. In milliseconds. */
export const pollInterval = 50

export class Attempt {
  readonly id: string
  readonly claim: Claim
  state: 'waiting' | 'holding' | 'over' = 'waiting'
  readonly #onContend: () => void
  readonly #signal: AbortSignal | undefined
  readonly #deadline: number
  #told = false
  #overtaken = false
  #wake: (() => void) | undefined

  constructor(id: string, claim: Claim, onContend: () => void, timeoutMs: number, signal?: AbortSignal) {
    this.id = id
    this.claim = claim
    this.#onContend = onContend
    this.#signal = signal
    this.#deadline = performance.now() + timeoutMs
  }

  /** Somebody newer asks: one who holds is told, one who waits gives up. */
  overtake(): void {
    if (this.state === 'waiting') {
      this.#overtaken = true
      this.wake()
    } else if (this.state === 'holding' && !this.#told) {
      this.#told = true
      try {
        this.#onContend()
      } catch {
        // The holder's own failure; it still has to let go, or time runs out.
      }
    }
  }

  /** Ends the pause of one who waits. */
  wake(): void {
    this.#wake?.()
  }

  /** @throws UploadError when there is a reason to give up */
  assertWanted(): void {
    if (this.#overtaken) throw overtaken()
    if (this.#signal?.aborted) throw new UploadError('aborted', undefined, { cause: this.#signal.reason })
  }

  /**
   * Waits until something happens, or a little.
   *
   * @throws UploadError when there is a reason to give up
   */
  async pause(): Promise<void> {
    this.assertWanted()
    const left = this.#deadline - performance.now()
    if (left <= 0) throw new UploadError('server-busy', undefined, { headers: { 'Retry-After': '2' } })
    await new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#signal?.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, Math.min(left, pollInterval))
      this.#signal?.addEventListener('abort', wake)
      this.#wake = wake
    })
    this.assertWanted()
  }
}

/** For whoever waited when somebody newer came. */
export function overtaken(): UploadError {
  return new UploadError('aborted', 'The upload was continued from somewhere else.')
}
