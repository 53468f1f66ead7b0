/** The pages of one engine: what a page with a drop area is told, and the style sheets it may ask for. */
import type { PageFacts } from '../html/facts.ts'
import { createPage, type Page } from '../html/page.ts'
import type { NarrowedPolicy } from '../sansio/policy/narrow.ts'
import { describePolicy } from '../sansio/policy/policy.ts'
import { randomId } from '../upload/random.ts'
import type { IncomingRequest } from '../upload/request.ts'
import { assetUrl, hashOf } from './assets.ts'
import type { CsrfGuard, CsrfSession, Header } from './csrf.ts'
import type { PagePayload } from './gate.ts'
import type { Settings } from './options.ts'

/** So many style sheets an engine serves; they come from the developer's templates, not from visitors. */
const maxStyles = 1_000

export class Pages {
  readonly #settings: Settings
  readonly #guard: CsrfGuard | undefined
  readonly #facts: PageFacts
  readonly #styles = new Map<string, string>()

  constructor(settings: Settings, guard: CsrfGuard | undefined) {
    const { path, policy, messages, dropArea, urlFor, storage } = settings
    this.#settings = settings
    this.#guard = guard
    this.#facts = {
      path,
      // Read when they are asked for: an engine without pages needs no built client script.
      assets: {
        get js() {
          return assetUrl(path, 'dropgate.js')
        },
        get glue() {
          return assetUrl(path, 'dropgate-glue.js')
        },
        get css() {
          return assetUrl(path, 'dropgate.css')
        },
        get tus() {
          return assetUrl(path, 'dropgate-tus.js')
        },
      },
      policy: describePolicy(policy, messages),
      policyRules: policy,
      messages,
      dropArea,
      resumable: storage.resumable !== undefined,
      registerStyle: css => this.#register(css),
      ...(urlFor && { urlFor }),
    }
  }

  /** The helpers for one page. Where tokens are on, its headers must go out with it. */
  page(request: IncomingRequest): Page {
    if (!this.#guard?.signer) return createPage(this.#facts)
    const guard = this.#guard
    const session = guard.session(request)
    const page = createPage({
      ...this.#facts,
      csrf: {
        token: narrowed => pageToken(guard, session, narrowed),
        url: `${this.#settings.path}/csrf`,
        expiresIn: expirySeconds(guard),
        header: guard.settings.headers[0] as string,
        field: guard.settings.field,
      },
    })
    const headers: Header[] = [...session.headers, ['Vary', 'Cookie'], ['Cache-Control', 'no-store']]
    return { ...page, headers }
  }

  /** The text of a registered style sheet. */
  style(name: string): string | undefined {
    return this.#styles.get(name)
  }

  #register(css: string): string {
    const name = `style-${hashOf(css)}.css`
    if (!this.#styles.has(name) && this.#styles.size >= maxStyles) {
      this.#styles.delete(this.#styles.keys().next().value as string)
    }
    this.#styles.set(name, css)
    return `${this.#settings.path}/-/${name}`
  }
}

/** Seconds a fresh token is good; null for as long as the session. */
export function expirySeconds(guard: CsrfGuard): number | null {
  const { timeLimit } = guard.settings
  return timeLimit === null ? null : Math.floor(timeLimit / 1000)
}

function pageToken(guard: CsrfGuard, session: CsrfSession, narrowed: NarrowedPolicy | undefined): string {
  const payload: PagePayload = { page: randomId(), ...(narrowed && { policy: narrowed }) }
  return guard.issue(session, JSON.stringify(payload))
}
