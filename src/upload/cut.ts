/**
 * Ends one piece of work before its time. Node's `AbortSignal` does the same, but making one costs a small upload as much
 * as storing its file does.
 */
export class Cut {
  #made: { readonly reason: unknown } | undefined
  #reject: ((reason: unknown) => void) | undefined
  #controller: AbortController | undefined

  /** What is waited for, now or later, is refused with the reason. Only the first one counts. */
  make(reason: unknown): void {
    if (this.#made) return
    this.#made = { reason }
    this.#reject?.(reason)
    this.#controller?.abort(reason)
  }

  /**
   * What a promise resolves to, unless the cut comes first; what was begun goes on unheard, and must stop by itself.
   * One promise at a time.
   */
  before<T>(reading: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      reading.then(resolve, reject)
      if (this.#made) reject(this.#made.reason)
    })
  }

  /** The same for those who want an `AbortSignal`; made when it is asked for. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#made) this.#controller.abort(this.#made.reason)
    }
    return this.#controller.signal
  }
}
