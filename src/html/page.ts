/** The helpers of a page with a drop area: strings of HTML, everything interpolated escaped. */

import {
  AREA_ATTRIBUTE,
  CONFIG_ATTRIBUTE,
  DEFAULT_ID,
  dropAreaConfig,
  dropAreaTexts,
  LIMITS_ATTRIBUTE,
} from '../sansio/dropzone/config.ts'
import type { DropAreaOptions } from '../sansio/dropzone/options.ts'
import { OptionError } from '../sansio/option-error.ts'
import type { PolicyDescription } from '../sansio/policy/describe.ts'
import { escapeAttribute, escapeHtml, jsonForScript } from './escape.ts'
import { styleText } from './style.ts'

/** URLs of the static files, each with a hash of its content as query, so that they may be cached for ever. */
export interface PageAssets {
  /** `dropgate.js`: Dropzone and our client script. */
  readonly js: string
  /** `dropgate-glue.js`: our client script alone, for another Dropzone. */
  readonly glue: string
  /** `dropgate.css`. */
  readonly css: string
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
}

/** Another Dropzone than the bundled one, or its stylesheet. */
export interface LoadOptions {
  /** URL of Dropzone's own file (5, 6 or 7); ours follows it. */
  readonly url?: string
  /** Subresource integrity of that file. */
  readonly integrity?: string
}

/** Options of `create()`. */
export interface CreateOptions {
  /** Any text; default `'myDropzone'`. */
  readonly id?: string
  /** Where the files go; default the endpoint. */
  readonly action?: string
  /** Further classes. */
  readonly className?: string
}

/** Options of `config()`. */
export interface ConfigOptions {
  /** The id given to `create()`. */
  readonly id?: string
  /** Where to go when all files are up: at least one kept, none refused. An http(s) URL or a path. */
  readonly redirectUrl?: string
}

/** Options of `style()`. */
export interface StyleOptions {
  /** Only this drop area; all of the page when omitted. */
  readonly id?: string
  /** The nonce of this answer's Content-Security-Policy. */
  readonly nonce: string
}

/** The helpers a template calls. */
export interface Page {
  /** `<link>` to the stylesheet. */
  loadCss(options?: LoadOptions): string
  /** `<script src defer>`: nothing inline, so `script-src 'self'` is enough. */
  loadJs(options?: LoadOptions): string
  /** The drop area: a form that also works without script. */
  create(options?: CreateOptions): string
  /** The drop area's settings, as a data island. */
  config(options?: ConfigOptions): string
  /** CSS declarations for the drop area, as a `<style>` with a nonce. Without a nonce serve `styleText()` as a file. */
  style(css: string, options: StyleOptions): string
  /** All of it in one call: stylesheet, area, settings, script. */
  dropArea(options?: CreateOptions & ConfigOptions): string
  /** The token for forms of your own; `''` while none is configured. */
  csrfToken(): string
  /** Headers to append to the page's answer, as name and value. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The limits in words. */
  readonly sentence: string
  /** The types, for `<input accept>`; `''` when everything may come in. */
  readonly accept: string
}

/**
 * Makes the helpers. Pure: call it for each request or keep it.
 *
 * @example
 * const page = createPage({ path: '/uploads', assets, policy, dropArea: defineDropArea() })
 * `<!doctype html><title>Upload</title>${page.dropArea()}`
 */
export function createPage(facts: PageFacts): Page {
  const { assets, policy } = facts
  const page: Page = {
    loadCss: (options = {}) =>
      (options.url === undefined ? '' : link(options.url, options.integrity)) + link(assets.css),
    loadJs: (options = {}) =>
      options.url === undefined ? script(assets.js) : script(options.url, options.integrity) + script(assets.glue),
    create: (options = {}) => area(facts, options),
    config: ({ id = DEFAULT_ID, redirectUrl } = {}) => {
      const json = jsonForScript(dropAreaConfig(facts.dropArea, policy, checkRedirect(redirectUrl)))
      return `<script type="application/json" ${CONFIG_ATTRIBUTE}="${escapeAttribute(id)}">${json}</script>\n`
    },
    style: (css, options) =>
      `<style nonce="${escapeAttribute(checkNonce(options?.nonce))}">${styleText(css, options.id)}</style>\n`,
    dropArea: (options = {}) => page.loadCss() + page.create(options) + page.config(options) + page.loadJs(),
    csrfToken: () => '',
    headers: [],
    sentence: policy.sentence,
    accept: policy.accept,
  }
  return page
}

function link(url: string, integrity?: string): string {
  return `<link rel="stylesheet" href="${escapeAttribute(url)}"${integrityOf(integrity)}>\n`
}

function script(url: string, integrity?: string): string {
  return `<script src="${escapeAttribute(url)}"${integrityOf(integrity)} defer></script>\n`
}

function integrityOf(integrity: string | undefined): string {
  return integrity === undefined ? '' : ` integrity="${escapeAttribute(integrity)}" crossorigin="anonymous"`
}

/**
 * The form. Dropzone takes the element with the class `fallback` out when it starts, so its input and button are
 * neither shown nor sent along then.
 */
function area(facts: PageFacts, options: CreateOptions): string {
  const { dropArea, policy } = facts
  const { id = DEFAULT_ID, action = facts.path, className } = options
  const texts = { ...dropAreaTexts, ...dropArea }
  const name = dropArea.paramName ?? 'file'
  const many = policy.dropzone.maxFiles !== 1
  const limits = `dropgate-limits-${idPart(id)}`
  const input = [
    'type="file"',
    `name="${escapeAttribute(many ? `${name}[]` : name)}"`,
    ...(policy.accept === '' ? [] : [`accept="${escapeAttribute(policy.accept)}"`]),
    ...(many ? ['multiple'] : []),
    `required aria-describedby="${limits}"`,
  ].join(' ')
  const classes = className === undefined ? 'dropzone' : `dropzone ${className}`
  return `<form class="${escapeAttribute(classes)}" ${AREA_ATTRIBUTE} id="${escapeAttribute(id)}" action="${escapeAttribute(action)}" method="post" enctype="multipart/form-data">
<div class="fallback">
<label><span>${escapeHtml(texts.dictFileInput)}</span> <input ${input}></label>
<button type="submit">${escapeHtml(texts.dictUploadButton)}</button>
</div>
<p class="dropgate-limits" ${LIMITS_ATTRIBUTE} id="${limits}">${escapeHtml(policy.sentence)}</p>
</form>
`
}

/** An id made of an id: `aria-describedby` is a list split at white space, so none may be left. */
function idPart(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/gu, character => `_${(character.codePointAt(0) as number).toString(16)}`)
}

function checkRedirect(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  // A URL parser skips control characters and leading spaces, so "java\nscript:" must not get this far.
  const scheme = /^([^/?#]*?):/.exec(url)?.[1]
  if (/^\s|[\u0000-\u001f\u007f]/.test(url) || (scheme !== undefined && !/^https?$/i.test(scheme))) {
    throw new OptionError('config().redirectUrl', url, 'a path or a URL with http or https')
  }
  return url
}

function checkNonce(nonce: unknown): string {
  if (typeof nonce === 'string' && /^[A-Za-z0-9+/_-]+={0,2}$/.test(nonce)) return nonce
  throw new OptionError(
    'style().nonce',
    nonce,
    "the nonce of this answer's Content-Security-Policy",
    'Without one, serve the text of styleText(css, id) as a stylesheet.',
  )
}
