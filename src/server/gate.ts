/** The gate between a request and the pipeline: nothing of a file is taken before its token is good. */

import { CsrfError } from '../sansio/errors.ts'
import { applyNarrowed, type NarrowedPolicy } from '../sansio/policy/narrow.ts'
import type { Pipeline } from '../upload/pipeline.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { CsrfGuard } from './csrf.ts'
import type { PageCounts } from './page-counts.ts'

/** What a page's token carries. */
export interface PagePayload {
  /** The page's own id: its files are counted together. */
  readonly page: string
  /** Where the page is stricter than the server. */
  readonly policy?: NarrowedPolicy
}

/** One request's way through the checks; it narrows the request's pipeline to what its page was given. */
export class Gate {
  readonly #request: IncomingRequest
  readonly #guard: CsrfGuard
  readonly #pipeline: Pipeline
  readonly #counts: PageCounts
  /** Fields that may carry the token, and came before the first file. */
  #fields: (readonly [name: string, value: string])[] | undefined
  #passed: boolean

  /**
   * Runs the checks that need no body.
   * @throws CsrfError
   */
  constructor(request: IncomingRequest, guard: CsrfGuard, pipeline: Pipeline, counts: PageCounts) {
    this.#request = request
    this.#guard = guard
    this.#pipeline = pipeline
    this.#counts = counts
    guard.checkSite(request)
    this.#passed = !guard.isChecked(request.method)
    if (guard.headerToken(request) !== undefined) this.pass()
  }

  /** Whether nothing more is asked for. */
  get isOpen(): boolean {
    return this.#passed
  }

  /** Shows the gate a field. Only fields before the first file can bring the token. */
  onField(name: string, value: string): void {
    if (this.#passed || !this.#guard.isTokenField(name)) return
    this.#fields ??= []
    this.#fields.push([name, value])
  }

  /** Opens the gate, or throws. Called before each file, and at the end of a request that had none. */
  pass(): void {
    if (this.#passed) return
    const token = this.#guard.headerToken(this.#request) ?? this.#guard.fieldToken(this.#fields ?? [])
    this.#narrow(this.#guard.checkToken(this.#request, token))
    this.#passed = true
  }

  #narrow(payload: string): void {
    const page = parsePayload(payload)
    if (page === undefined) return
    const { policy, messages } = this.#pipeline
    const narrowed = page.policy === undefined ? policy : applyNarrowed(policy, page.policy)
    // Signed by us, but for a policy that has changed since.
    if (narrowed === undefined) throw new CsrfError('csrf-token-invalid')
    this.#pipeline.policy = narrowed
    this.#pipeline.quota = {
      take: () => this.#counts.take(page.page, narrowed, messages),
      giveBack: () => this.#counts.giveBack(page.page),
    }
  }
}

/** The payload of a page's token; undefined for a token of no page. */
export function parsePayload(payload: string): PagePayload | undefined {
  return payload === '' ? undefined : (JSON.parse(payload) as PagePayload)
}
