/** What a page is made of, as the engine knows it. */
import type { DropAreaOptions } from '../sansio/dropzone/options.ts'
import type { Messages } from '../sansio/messages.ts'
import type { NarrowedPolicy } from '../sansio/policy/narrow.ts'
import type { Policy, PolicyDescription } from '../sansio/policy/policy.ts'

/** URLs of the static files, each with a hash of its content as query, so that they may be cached for ever. */
export interface PageAssets {
  /** `dropgate.js`: Dropzone and our client script. */
  readonly js: string
  /** `dropgate-glue.js`: our client script alone, for another Dropzone. */
  readonly glue: string
  /** `dropgate.css`. */
  readonly css: string
  /** `dropgate-tus.js`, loaded by a drop area that is `resumable`. Missing: files go as without it. */
  readonly tus?: string
}

/** The token against forged requests, for one visitor. */
export interface PageCsrf {
  /** A fresh token; a page's own limits are sealed into it. */
  token(narrowed?: NarrowedPolicy): string
  /** Where the client script gets a fresh one. */
  readonly url: string
  /** Seconds; null: as long as the session. */
  readonly expiresIn: number | null
  /** The request header that carries it. */
  readonly header: string
  /** The form field that carries it. */
  readonly field: string
}

/** What a page is made of. */
export interface PageFacts {
  /** The endpoint, e.g. `/uploads`. */
  readonly path: string
  readonly assets: PageAssets
  /** As returned by `describePolicy`, messages included. */
  readonly policy: PolicyDescription
  /** As returned by `defineDropArea`. */
  readonly dropArea: DropAreaOptions
  /** Whether the endpoint's storage can continue an upload. Missing: it can not. */
  readonly resumable?: boolean
  /** The policy itself and the messages, which a page may change for itself. */
  readonly policyRules?: Policy
  readonly messages?: Messages
  /** Missing: no token is asked for. */
  readonly csrf?: PageCsrf
  /** The app's names of routes. */
  readonly urlFor?: (name: string, params?: Readonly<Record<string, string>>) => string
  /** Keeps a stylesheet for `style()` without a nonce; returns its URL. */
  readonly registerStyle?: (css: string) => string
}
