/** One drop area: from its data island to a running Dropzone. */
import { formatSize } from '../sansio/bytes/size.ts'
import {
  CONFIG_ATTRIBUTE,
  type DropAreaConfig,
  dropAreaTexts,
  LIMITS_ATTRIBUTE,
  NAME_PARAMETER,
} from '../sansio/dropzone/config.ts'
import { defaultMessages } from '../sansio/messages.ts'
import { makeAccessible } from './accessible.ts'
import { addParams, applyConfigured } from './configure.ts'
import type { DropzoneClass, DropzoneFile, DropzoneInstance, DropzoneOptions } from './dropzone-like.ts'
import { checkAsTheServer, sayItInWords } from './refusals.ts'

/** Options that Dropzone writes into the page as HTML. Ours are plain text, so they are escaped first. */
const htmlTexts = ['dictRemoveFile', 'dictCancelUpload', 'dictFallbackText']

/**
 * Starts Dropzone on an element.
 *
 * @returns the instance, or undefined where Dropzone does not run and the plain form stays
 */
export function startArea(Dropzone: DropzoneClass, element: HTMLElement): DropzoneInstance | undefined {
  const { options, texts, redirectUrl } = readConfig(element)
  const { params, ...rest } = options as DropzoneOptions
  const message = addMessage(element, rest)
  let dropzone: DropzoneInstance
  try {
    dropzone = new Dropzone(element, withEscapedTexts(rest) as never) as DropzoneInstance
  } catch (error) {
    message?.remove()
    throw error
  }
  // An unsupported browser gets the element back instead of an instance.
  if (typeof dropzone.on !== 'function') {
    message?.remove()
    return undefined
  }
  if (params && typeof params === 'object') addParams(dropzone, () => params)
  if (rest.binaryBody) nameInUrl(dropzone)
  if (rest.autoProcessQueue === false) sendWholeQueue(dropzone)
  if (rest.filesizeBase === undefined && rest.dictFileSizeUnits === undefined) dropzone.filesize = formatSize
  checkAsTheServer(dropzone)
  sayItInWords(dropzone, texts)
  makeAccessible(dropzone, texts)
  if (redirectUrl !== undefined) redirectWhenAllIsWell(dropzone, redirectUrl)
  applyConfigured(element.id, dropzone)
  return dropzone
}

/** The island that belongs to the element; ids are compared as they are, never put into a selector. */
function readConfig(element: HTMLElement): DropAreaConfig {
  const islands = [...document.querySelectorAll(`script[${CONFIG_ATTRIBUTE}]`)]
  const island = islands.find(script => script.getAttribute(CONFIG_ATTRIBUTE) === element.id)
  const { dictNetworkError: networkError, dictTimeout: timeout, dictUploaded: uploaded } = dropAreaTexts
  const none: DropAreaConfig = { options: {}, texts: { networkError, timeout, uploaded } }
  return island ? { ...none, ...(JSON.parse(island.textContent ?? '') as DropAreaConfig) } : none
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
  inner.textContent = options.dictDefaultMessage ?? defaultMessages.defaultMessage
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

/** Without `autoProcessQueue`, one `processQueue()` sends all that waits and not only the first `parallelUploads`. */
function sendWholeQueue(dropzone: DropzoneInstance): void {
  dropzone.on('processing', () => {
    dropzone.options.autoProcessQueue = true
  })
  dropzone.on('queuecomplete', () => {
    dropzone.options.autoProcessQueue = false
  })
}

/** `queuecomplete` also comes after refusals, so it alone is no reason to leave the page. */
function redirectWhenAllIsWell(dropzone: DropzoneInstance, url: string): void {
  const kept = (file: DropzoneFile) => file.status === 'success'
  dropzone.on('queuecomplete', () => {
    if (dropzone.files.length > 0 && dropzone.files.every(kept)) location.assign(url)
  })
}
