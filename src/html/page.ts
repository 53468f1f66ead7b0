/** The helpers of a page with a drop area: strings of HTML, everything interpolated escaped. */
import { CONFIG_ATTRIBUTE, DEFAULT_ID, dropAreaConfig } from '../sansio/dropzone/config.ts'
import { checkDropArea, withoutUrlFor } from '../sansio/dropzone/define.ts'
import { isSafeUrl, isUrl } from '../sansio/dropzone/urls.ts'
import { OptionError } from '../sansio/option-error.ts'
import { areaTags } from './area.ts'
import { type CustomScript, customScript } from './custom-script.ts'
import { escapeAttribute, jsonForScript } from './escape.ts'
import type { PageFacts } from './facts.ts'
import { type PageOverrides, type Resolved, resolve } from './overrides.ts'
import { styleText } from './style.ts'
import { checkNonce, type LoadOptions, link, linkTags, nonceOf, scriptTags } from './tags.ts'

/** Options of `create()`. Overrides shape the form without script; give `config()` the same. */
export interface CreateOptions extends PageOverrides {
  /** Any text; default `'myDropzone'`. */
  readonly id?: string
  /** Further classes. */
  readonly className?: string
}

/** Options of `config()`. Of `inForm` it is `create()` that has to know. */
export interface ConfigOptions extends PageOverrides, CustomScript {
  /** The id given to `create()`. */
  readonly id?: string
}

/** Options of `style()`. */
export interface StyleOptions {
  /** Only this drop area; all of the page when omitted. */
  readonly id?: string
  /** The nonce of this answer's Content-Security-Policy. Without one the rule is served as a stylesheet. */
  readonly nonce?: string
}

/** The helpers a template calls. */
export interface Page {
  /** `<link>` to the stylesheet. */
  loadCss(options?: LoadOptions): string
  /** `<script src defer>`: nothing inline, so `script-src 'self'` is enough. */
  loadJs(options?: LoadOptions): string
  /** The drop area: a form that also works without script or, with `inForm`, a part of yours. */
  create(options?: CreateOptions): string
  /** The drop area's settings, as a data island. */
  config(options?: ConfigOptions): string
  /** CSS declarations for the drop area. */
  style(css: string, options?: StyleOptions): string
  /** All of it in one call: stylesheet, area, settings, script. */
  dropArea(options?: CreateOptions & ConfigOptions): string
  /**
   * A path or an http(s) URL as it is, a name through the app's `urlFor`; `''` is undefined.
   * @throws OptionError for a name without `urlFor`
   */
  getUrl(nameOrUrl: string, params?: Readonly<Record<string, string>>): string | undefined
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
 * @throws OptionError when the drop area wants a name or a token that the facts can not give
 * @example
 * const page = createPage({ path: '/uploads', assets, policy, dropArea: defineDropArea() })
 * `<!doctype html><title>Upload</title>${page.dropArea()}`
 */
export function createPage(facts: PageFacts): Page {
  const { assets, policy, csrf } = facts
  const { serveLocal = true } = facts.dropArea
  const { resumable = false, urlFor } = facts
  checkDropArea(facts.dropArea, { urlFor: urlFor !== undefined, csrf: csrf !== undefined, resumable })
  const page: Page = {
    loadCss: (options = {}) => linkTags(assets.css, options, serveLocal),
    loadJs: (options = {}) => scriptTags(assets, options, serveLocal),
    create: options => create(facts, options),
    config: options => config(facts, options),
    style: (css, options) => style(facts, css, options),
    dropArea: (options = {}) => {
      const { className, customInit, customOptions, nonce, ...shared } = options
      const load = nonce === undefined ? {} : { nonce }
      return (
        page.loadCss(load) +
        page.create(className === undefined ? shared : { ...shared, className }) +
        page.config(withoutClass(options)) +
        page.loadJs(load)
      )
    },
    getUrl: (nameOrUrl, params) => urlOf(facts, nameOrUrl, 'getUrl()', params),
    csrfToken: () => csrf?.token() ?? '',
    headers: [],
    sentence: policy.sentence,
    accept: policy.accept,
  }
  return page
}

function create(facts: PageFacts, { id, className, ...overrides }: CreateOptions = {}): string {
  const area = resolve(facts, overrides, 'create()')
  const action = actionOf(facts, area, 'create()') ?? facts.path
  return areaTags({ id, className, action, area, field: facts.csrf?.field })
}

function config(facts: PageFacts, options: ConfigOptions = {}): string {
  const { id = DEFAULT_ID, customInit, customOptions, nonce, ...overrides } = options
  const area = resolve(facts, overrides, 'config()')
  const redirectUrl = redirectOf(facts, area)
  const url = overrides.action || overrides.uploadAction ? actionOf(facts, area, 'config()') : undefined
  const { csrf } = facts
  const token =
    csrf && area.token
      ? { csrf: { token: area.token(), url: csrf.url, expiresIn: csrf.expiresIn, header: csrf.header } }
      : {}
  const json = jsonForScript(
    dropAreaConfig(area.dropArea, area.policy, {
      ...(redirectUrl === undefined ? {} : { redirectUrl }),
      ...(url === undefined ? {} : { url }),
      ...(area.dropArea.resumable && facts.assets.tus !== undefined ? { tus: facts.assets.tus } : {}),
      ...token,
    }),
  )
  const attributes = `${CONFIG_ATTRIBUTE}="${escapeAttribute(id)}"${nonceOf(nonce, 'config()')}`
  const island = `<script type="application/json" ${attributes}>${json}</script>\n`
  return island + customScript(id, { ...options })
}

function style({ registerStyle }: PageFacts, css: string, { id, nonce }: StyleOptions = {}): string {
  const text = styleText(css, id)
  if (nonce === undefined && registerStyle) return link(registerStyle(text))
  const hint = 'Without one, serve the text of styleText(css, id) as a stylesheet.'
  return `<style nonce="${checkNonce(nonce, 'style()', hint)}">${text}</style>\n`
}

/** Where the files go, if the page or the engine says. */
function actionOf(facts: PageFacts, { dropArea }: Resolved, helper: string): string | undefined {
  return dropArea.action === undefined ? undefined : urlOf(facts, dropArea.action, `${helper}.action`)
}

function redirectOf(facts: PageFacts, { dropArea }: Resolved): string | undefined {
  const { redirectUrl, redirectView } = dropArea
  if (redirectView === undefined) return redirectUrl
  return urlOf(facts, redirectView, 'config().redirectView')
}

function urlOf(
  { urlFor }: PageFacts,
  nameOrUrl: string,
  option: string,
  params?: Readonly<Record<string, string>>,
): string | undefined {
  if (nameOrUrl === '') return undefined
  if (isUrl(nameOrUrl)) return nameOrUrl
  if (!urlFor) throw withoutUrlFor(option, nameOrUrl)
  const url = urlFor(nameOrUrl, params)
  if (typeof url === 'string' && url !== '' && isSafeUrl(url)) return url
  throw new OptionError(`urlFor(${JSON.stringify(nameOrUrl)})`, url, 'a path or a URL with http or https')
}

function withoutClass({ className, ...options }: CreateOptions & ConfigOptions): ConfigOptions {
  return options
}
