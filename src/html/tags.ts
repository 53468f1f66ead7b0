/** The tags in a page's head, and the nonce that any tag may carry. */
import { OptionError } from '../sansio/option-error.ts'
import { BUNDLED_VERSION, cdnFiles } from './cdn.ts'
import { escapeAttribute } from './escape.ts'

/** Another Dropzone than the bundled one, or its stylesheet. */
export interface LoadOptions {
  /** URL of Dropzone's own file (5, 6 or 7); ours follows it. */
  readonly url?: string
  /** A version on jsDelivr, e.g. `'5.9.3'`; the bundled one needs none. */
  readonly version?: string
  /** Subresource integrity of that file; known for the versions that are tried with this package. */
  readonly integrity?: string
  /** The nonce of this answer's Content-Security-Policy. */
  readonly nonce?: string
}

/** `<link>`s: Dropzone's stylesheet if it comes from elsewhere, then ours. */
export function linkTags(ours: string, options: LoadOptions, serveLocal: boolean): string {
  const { nonce, ...other } = options
  const theirs = foreign(other, serveLocal, 'css')
  return (theirs ? link(theirs.url, nonce, theirs.integrity) : '') + link(ours, nonce)
}

/** `<script defer>`s: our bundle, or a Dropzone from elsewhere and then our part alone. */
export function scriptTags(
  ours: { readonly js: string; readonly glue: string },
  options: LoadOptions,
  serveLocal: boolean,
): string {
  const { nonce, ...other } = options
  const theirs = foreign(other, serveLocal, 'js')
  return theirs ? script(theirs.url, nonce, theirs.integrity) + script(ours.glue, nonce) : script(ours.js, nonce)
}

/** A stylesheet. */
export function link(url: string, nonce?: string, integrity?: string): string {
  return `<link rel="stylesheet" href="${escapeAttribute(url)}"${integrityOf(integrity)}${nonceOf(nonce, 'loadCss()')}>\n`
}

function script(url: string, nonce?: string, integrity?: string): string {
  return `<script src="${escapeAttribute(url)}"${integrityOf(integrity)}${nonceOf(nonce, 'loadJs()')} defer></script>\n`
}

/** The file that does not come from us, if there is one. */
function foreign(options: Omit<LoadOptions, 'nonce'>, serveLocal: boolean, kind: 'js' | 'css') {
  const { url, version = BUNDLED_VERSION, integrity } = options
  if (url !== undefined) return { url, integrity }
  if (serveLocal && version === BUNDLED_VERSION) return undefined
  const file = cdnFiles(version, kind === 'js' ? 'loadJs().version' : 'loadCss().version')[kind]
  return { url: file.url, integrity: integrity ?? file.integrity }
}

function integrityOf(integrity: string | undefined): string {
  return integrity === undefined ? '' : ` integrity="${escapeAttribute(integrity)}" crossorigin="anonymous"`
}

/**
 * The attribute `nonce`, or nothing.
 *
 * @param helper for the sentence, e.g. `'config()'`
 * @throws OptionError for what can not be a nonce
 */
export function nonceOf(nonce: string | undefined, helper: string): string {
  return nonce === undefined ? '' : ` nonce="${escapeAttribute(checkNonce(nonce, helper))}"`
}

/** @throws OptionError for what can not be a nonce (Content Security Policy 3, section 2.3.1) */
export function checkNonce(nonce: unknown, helper: string, hint?: string): string {
  if (typeof nonce === 'string' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(nonce)) return nonce
  throw new OptionError(`${helper}.nonce`, nonce, "the nonce of this answer's Content-Security-Policy", hint)
}
