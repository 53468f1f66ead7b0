/** One drop area: from its data island to a running Dropzone. */
import { formatSize } from '../sansio/bytes/size.ts'
import { areaMessages } from '../sansio/dropzone/area-messages.ts'
import {
  ACTION_ATTRIBUTE,
  CONFIG_ATTRIBUTE,
  type DropAreaConfig,
  dropAreaTexts,
  LIMITS_ATTRIBUTE,
  NAME_PARAMETER,
} from '../sansio/dropzone/config.ts'
import { makeAccessible } from './accessible.ts'
import { mendChunks } from './chunks.ts'
import {
  addParams,
  applyConfigured,
  applyOptions,
  configuredOptions,
  isListener,
  type OwnOptions,
} from './configure.ts'
import { holdToken, sendToken } from './csrf.ts'
import { deleteOnRemove } from './deletion.ts'
import type { DropzoneClass, DropzoneInstance, DropzoneOptions } from './dropzone-like.ts'
import { formAround, submitAfterUploads } from './in-form.ts'
import { redirectWhenAllIsWell, sendOnClick, sendWholeQueue } from './queue.ts'
import { checkAsTheServer, sayItInWords, tellThumbnailErrorsApart } from './refusals.ts'
import { sendResumably } from './resumable.ts'

/** Options that Dropzone writes into the page as HTML. Ours are plain text, so they are escaped first. */
const htmlTexts = ['dictRemoveFile', 'dictCancelUpload', 'dictFallbackText']

/**
 * Starts Dropzone on an element.
 *
 * @returns the instance, or undefined where Dropzone does not run and the plain form stays
 */
export function startArea(Dropzone: DropzoneClass, element: HTMLElement): DropzoneInstance | undefined {
  const config = readConfig(element)
  const form = formAround(element)
  const own = splitOptions(configuredOptions(element.id))
  const { params, ...rest } = optionsFor(element, form, config, own.now)
  const message = addMessage(element, rest)
  let dropzone: DropzoneInstance
  try {
    dropzone = new Dropzone(element, withEscapedTexts(rest) as never) as DropzoneInstance
  } catch (error) {
    message?.remove()
    throw error
  }
  // An unsupported browser gets the element back instead of an instance, and keeps the plain form.
  if (typeof dropzone.on !== 'function') {
    message?.replaceChildren(rest.dictFallbackMessage ?? areaMessages.browserUnsupported)
    return undefined
  }
  if (params && typeof params === 'object') addParams(dropzone, () => params)
  if (rest.binaryBody) nameInUrl(dropzone)
  if (rest.filesizeBase === undefined && rest.dictFileSizeUnits === undefined) dropzone.filesize = formatSize
  checkAsTheServer(dropzone)
  sayItInWords(dropzone, config.texts)
  tellThumbnailErrorsApart(dropzone)
  makeAccessible(dropzone, config.texts)
  work(dropzone, config, form)
  applyOptions(dropzone, own.later)
  applyConfigured(element.id, dropzone)
  return dropzone
}

/** When the files go, with what, and what happens then. */
function work(dropzone: DropzoneInstance, config: DropAreaConfig, form: HTMLFormElement | undefined): void {
  const { texts, redirectUrl, csrf, button } = config
  if (dropzone.options.autoProcessQueue === false) sendWholeQueue(dropzone)
  if (form) submitAfterUploads(dropzone, form, button)
  else if (button !== undefined) sendOnClick(dropzone, button)
  mendChunks(dropzone)
  const token = csrf && holdToken(csrf)
  if (token) sendToken(dropzone, token)
  if (config.resumable) sendResumably(dropzone, config.resumable, token)
  if (config.deleteOnRemove) deleteOnRemove(dropzone, texts, token)
  if (redirectUrl !== undefined) redirectWhenAllIsWell(dropzone, redirectUrl)
}

/** Options for the constructor, and those that must wait for what it makes. */
function splitOptions(own: OwnOptions) {
  const waits = (name: string, value: unknown) => name === 'init' || name === 'params' || isListener(name, value)
  const entries = Object.entries(own)
  return {
    now: Object.fromEntries(entries.filter(([name, value]) => !waits(name, value))) as DropzoneOptions,
    later: Object.fromEntries(entries.filter(([name, value]) => waits(name, value))),
  }
}

function optionsFor(
  element: HTMLElement,
  form: HTMLFormElement | undefined,
  { options }: DropAreaConfig,
  own: DropzoneOptions,
): DropzoneOptions {
  const url = element.getAttribute(ACTION_ATTRIBUTE)
  const given = options as DropzoneOptions
  return {
    ...(url === null ? {} : { url }),
    // A refused file holds the form back until it is taken away.
    ...(form ? { addRemoveLinks: true } : {}),
    ...given,
    ...own,
    ...(own.headers && given.headers ? { headers: { ...given.headers, ...own.headers } } : {}),
  }
}

/** The island that belongs to the element; ids are compared as they are, never put into a selector. */
function readConfig(element: HTMLElement): DropAreaConfig {
  const islands = [...document.querySelectorAll(`script[${CONFIG_ATTRIBUTE}]`)]
  const island = islands.find(script => script.getAttribute(CONFIG_ATTRIBUTE) === element.id)
  if (island) return JSON.parse(island.textContent ?? '') as DropAreaConfig
  const { dictNetworkError: networkError, dictTimeout: timeout } = dropAreaTexts
  const { dictUploaded: uploaded, dictDeleteFailed: deleteFailed } = dropAreaTexts
  return { options: {}, texts: { networkError, timeout, uploaded, deleteFailed } }
}

/** The message of the empty area, as text; Dropzone would write it as HTML. */
function addMessage(element: HTMLElement, options: DropzoneOptions): HTMLElement | undefined {
  if (element.querySelector('.dz-message')) return undefined
  const message = document.createElement('div')
  message.className = 'dz-default dz-message'
  const inner = document.createElement(
    options.clickable === undefined || options.clickable === true ? 'button' : 'span',
  )
  inner.className = 'dz-button'
  inner.textContent = options.dictDefaultMessage ?? areaMessages.defaultMessage
  if (inner instanceof HTMLButtonElement) inner.type = 'button'
  const limits = element.querySelector(`[${LIMITS_ATTRIBUTE}]`)
  if (limits?.id) inner.setAttribute('aria-describedby', limits.id)
  message.append(inner)
  element.insertBefore(message, limits)
  return message
}

function withEscapedTexts(options: DropzoneOptions): DropzoneOptions {
  const escaped: DropzoneOptions = { ...options }
  for (const name of htmlTexts) {
    const text = options[name]
    if (typeof text === 'string') escaped[name] = escapeText(text)
  }
  const units = options.dictFileSizeUnits
  if (typeof units === 'object' && units !== null) {
    escaped.dictFileSizeUnits = Object.fromEntries(
      Object.entries(units).map(([unit, text]) => [unit, escapeText(String(text))]),
    )
  }
  return escaped
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** A raw body carries no name, so the URL does. */
function nameInUrl(dropzone: DropzoneInstance): void {
  const { url } = dropzone.options
  dropzone.options.url = (files, blocks) => {
    const base = typeof url === 'function' ? url.call(dropzone, files, blocks) : (url ?? '')
    const name = files[0]?.upload?.filename ?? files[0]?.name ?? ''
    // Half a surrogate pair can not be percent-encoded.
    const wellFormed = name.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')
    return `${base}${base.includes('?') ? '&' : '?'}${NAME_PARAMETER}=${encodeURIComponent(wellFormed)}`
  }
}
