/** The check of `dropArea` at start-up: one row for each option. */
import { parseSize } from '../bytes/size.ts'
import { OptionError } from '../option-error.ts'
import { didYouMean } from '../policy/option-keys.ts'
import type { DropAreaOptions } from './options.ts'

interface Kind {
  /** The end of "it must be …". */
  readonly allowed: string
  test(value: unknown): boolean
}

const bool: Kind = { allowed: 'true or false', test: value => typeof value === 'boolean' }
const text: Kind = { allowed: 'a text', test: value => typeof value === 'string' }
const fieldName: Kind = {
  allowed: 'a text of 1 to 100 characters without control characters',
  test: value => typeof value === 'string' && /^[^\u0000-\u001f\u007f]{1,100}$/.test(value),
}
const url: Kind = {
  allowed: 'a path, a URL with http or https, or a name for urlFor',
  test: value => typeof value === 'string' && value !== '' && isSafeUrl(value),
}
const selector: Kind = { allowed: 'a CSS selector', test: value => typeof value === 'string' && value.trim() !== '' }
const positive: Kind = { allowed: 'a number above 0', test: value => isNumber(value) && value > 0 }
const count: Kind = {
  allowed: 'a whole number from 1 on',
  test: value => isNumber(value) && value >= 1 && value % 1 === 0,
}
const ratio: Kind = { allowed: 'a number from 0 to 1', test: value => isNumber(value) && value >= 0 && value <= 1 }
const size: Kind = {
  allowed: 'a whole number of bytes from 1 on, or a text such as "8 MiB"',
  test: value => count.test(typeof value === 'string' ? parseSize(value) : value),
}
const headers: Kind = {
  allowed: 'an object of header names and texts',
  test: value =>
    isRecord(value) &&
    Object.entries(value).every(
      ([name, content]) =>
        /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && typeof content === 'string' && !/[\r\n\0]/.test(content),
    ),
}
const fields: Kind = {
  allowed: 'an object of field names and texts (or lists of texts)',
  test: value => isRecord(value) && Object.values(value).every(entry => typeof entry === 'string' || isTexts(entry)),
}
const units: Kind = {
  allowed: 'an object with the texts tb, gb, mb, kb and b',
  test: value => isRecord(value) && ['tb', 'gb', 'mb', 'kb', 'b'].every(unit => typeof value[unit] === 'string'),
}

const kinds: { readonly [Name in keyof Required<DropAreaOptions>]: Kind } = {
  serveLocal: bool,
  action: url,
  redirectUrl: { allowed: 'a path or a URL with http or https', test: url.test },
  redirectView: url,
  enableCsrf: bool,
  uploadOnClick: bool,
  uploadButtonId: { allowed: 'the id of a button', test: selector.test },
  inForm: bool,
  deleteOnRemove: bool,
  method: oneOf('post', 'put', 'patch'),
  paramName: fieldName,
  inputName: fieldName,
  binaryBody: bool,
  timeout: or(positive, null),
  headers,
  defaultHeaders: bool,
  params: fields,
  withCredentials: bool,
  uploadMultiple: bool,
  parallelUploads: count,
  autoProcessQueue: bool,
  autoQueue: bool,
  ignoreHiddenFiles: bool,
  resumable: bool,
  chunking: bool,
  forceChunking: bool,
  chunkSize: size,
  parallelChunkUploads: or(count, true, false),
  retryChunks: bool,
  retryChunksLimit: { allowed: 'a whole number from 0 on', test: value => value === 0 || count.test(value) },
  createImageThumbnails: bool,
  maxThumbnailFilesize: positive,
  thumbnailWidth: or(count, null),
  thumbnailHeight: or(count, null),
  thumbnailMethod: oneOf('crop', 'contain'),
  resizeWidth: or(count, null),
  resizeHeight: or(count, null),
  resizeMimeType: or(text, null),
  resizeQuality: ratio,
  resizeMethod: oneOf('crop', 'contain'),
  resizeTransparencyFill: or(text, null),
  clickable: or(selector, true, false),
  previewsContainer: or(selector, false, null),
  disablePreviews: bool,
  previewTemplate: { allowed: 'the HTML of one preview', test: selector.test },
  hiddenInputContainer: selector,
  capture: or(text, null),
  addRemoveLinks: bool,
  forceFallback: bool,
  filesizeBase: oneOf(1000, 1024),
  dictFileSizeUnits: units,
  dictNetworkError: text,
  dictTimeout: text,
  dictUploaded: text,
  dictDeleteFailed: text,
  dictPause: text,
  dictResume: text,
  dictOffline: text,
  dictReconnecting: text,
  dictContinue: text,
  dictDiscard: text,
  dictUnreadable: text,
  dictFileInput: text,
  dictUploadButton: text,
}

/** Where options that people look for here really are. */
const elsewhere: Readonly<Record<string, string>> = {
  maxFilesize: 'Set policy.maxFileSize instead.',
  maxFileSize: 'Set policy.maxFileSize instead.',
  acceptedFiles: 'Set policy.accept instead.',
  acceptedMimeTypes: 'Set policy.accept instead.',
  accept: 'Types are set in policy.accept; a function goes to dropgate.configure() in the browser.',
  maxFiles: 'Set policy.maxFiles instead.',
  url: 'Its name is action.',
}

/**
 * Checks the options of the drop area; what is left `undefined` is dropped.
 *
 * @param options as given to `dropgate({ dropArea })`
 * @param prefix the option's own name for the sentences
 * @returns a frozen copy, in which `inputName` has become `paramName`
 * @throws OptionError for an unknown name, a wrong value, or two options that exclude each other
 * @example defineDropArea({ uploadMultiple: true, parallelUploads: 3 })
 */
export function defineDropArea(options: DropAreaOptions = {}, prefix = 'dropArea'): DropAreaOptions {
  if (!isRecord(options)) throw new OptionError(prefix, options, 'an object')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof DropAreaOptions] : undefined
    if (!kind) throw unknownOption(name, value, prefix)
    if (!kind.test(value)) throw new OptionError(`${prefix}.${name}`, value, kind.allowed)
  }
  const { inputName, ...copy }: DropAreaOptions = Object.fromEntries(given)
  checkTogether({ ...copy, ...(inputName === undefined ? {} : { inputName }) }, prefix)
  return Object.freeze(inputName === undefined ? copy : { ...copy, paramName: inputName })
}

/**
 * Whether a value fits an option of the drop area.
 *
 * @returns what is allowed, as the end of "it must be …", when it does not
 */
export function misfit(name: keyof DropAreaOptions, value: unknown): string | undefined {
  return kinds[name].test(value) ? undefined : kinds[name].allowed
}

/**
 * Refuses at start-up what the drop area wants and the engine can not give.
 *
 * @param has whether the app gave `urlFor` and `csrf.secret`, and a storage that can continue uploads
 * @throws OptionError
 */
export function checkDropArea(
  dropArea: DropAreaOptions,
  has: { readonly urlFor: boolean; readonly csrf: boolean; readonly resumable: boolean },
): void {
  for (const name of ['action', 'redirectView'] as const) {
    const value = dropArea[name]
    if (value !== undefined && !isUrl(value) && !has.urlFor) throw withoutUrlFor(`dropArea.${name}`, value)
  }
  if (dropArea.enableCsrf === true && !has.csrf) throw withoutSecret('dropArea.enableCsrf', true)
  if (!has.resumable) checkWhole(dropArea, 'dropArea')
}

/**
 * Refuses what takes several requests for a file, where the endpoint's storage can not continue an upload. What an
 * `action` of the app's own can do is not known here.
 *
 * @throws OptionError
 */
export function checkWhole(dropArea: DropAreaOptions, prefix: string): void {
  for (const name of ['resumable', 'chunking'] as const) {
    if (!dropArea[name] || dropArea.action !== undefined) continue
    const sentence = 'needs a storage that can continue an upload.'
    throw new OptionError(`${prefix}.${name}`, true, { sentence }, 'diskStorage() and memoryStorage() can.')
  }
}

/** A name needs `urlFor`. */
export function withoutUrlFor(option: string, value: string): OptionError {
  const allowed = 'a path that begins with a slash or an http(s) URL'
  return new OptionError(option, value, allowed, 'Names need the option urlFor.')
}

/** A token needs a secret. The first sentence is Flask-WTF's. */
export function withoutSecret(option: string, value: unknown): OptionError {
  return new OptionError(
    option,
    value,
    { sentence: 'is on: a secret key is required to use CSRF.' },
    'Set csrf.secret.',
  )
}

/** Whether a text is a URL by itself: a path, or http(s). Everything else is a name. */
export function isUrl(text: string): boolean {
  return /^(?:\/|https?:\/\/)/i.test(text)
}

/** Whether a browser may be sent there: no `javascript:`, nothing that a URL parser would skip over. */
export function isSafeUrl(text: string): boolean {
  const scheme = /^([^/?#]*?):/.exec(text)?.[1]
  return !/^\s|[\u0000-\u001f\u007f]/.test(text) && (scheme === undefined || /^https?$/i.test(scheme))
}

function checkTogether(options: DropAreaOptions, prefix: string): void {
  const { inputName, paramName, redirectUrl, redirectView } = options
  if (options.uploadMultiple && options.binaryBody) {
    throw new OptionError(`${prefix}.binaryBody`, true, 'false together with uploadMultiple', 'A raw body is one file.')
  }
  for (const name of ['resumable', 'chunking'] as const) {
    const other = options.uploadMultiple ? 'uploadMultiple' : 'binaryBody'
    if (!options[name] || !options[other]) continue
    const hint = 'Several requests for one file have no room for several files or a raw body.'
    throw new OptionError(`${prefix}.${name}`, true, `false together with ${other}`, hint)
  }
  if (inputName !== undefined && paramName !== undefined && inputName !== paramName) {
    throw new OptionError(`${prefix}.inputName`, inputName, 'left out beside paramName', 'Both are the same option.')
  }
  if (redirectUrl !== undefined && redirectView !== undefined) {
    throw new OptionError(`${prefix}.redirectView`, redirectView, 'left out beside redirectUrl')
  }
}

function unknownOption(name: string, value: unknown, prefix: string): OptionError {
  if (typeof value === 'function') {
    return new OptionError(
      `${prefix}.${name}`,
      value,
      'left out',
      'Functions are given in the browser, with dropgate.configure().',
    )
  }
  const hint = Object.hasOwn(elsewhere, name)
    ? elsewhere[name]
    : name.startsWith('dict')
      ? 'The texts of refusals, buttons and questions are set in messages.'
      : didYouMean(name, Object.keys(kinds))
  return new OptionError(`${prefix}.${name}`, value, { sentence: 'is not an option.' }, hint)
}

function or(kind: Kind, ...others: readonly (null | boolean)[]): Kind {
  return {
    allowed: `${kind.allowed}, or ${others.map(String).join(' or ')}`,
    test: value => others.includes(value as null | boolean) || kind.test(value),
  }
}

function oneOf(...values: readonly (string | number)[]): Kind {
  return {
    allowed: values.map(value => JSON.stringify(value)).join(' or '),
    test: value => values.includes(value as string | number),
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(entry => typeof entry === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
