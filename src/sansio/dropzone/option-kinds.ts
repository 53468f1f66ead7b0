/** What each option of `dropArea` may be: one row for each. */
import { parseSize } from '../bytes/size.ts'
import type { DropAreaOptions } from './options.ts'
import { isSafeUrl } from './urls.ts'

/** What a value of an option must be. */
export interface Kind {
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

/** All options of the drop area. */
export const kinds: { readonly [Name in keyof Required<DropAreaOptions>]: Kind } = {
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

/** Whether a value is an object with names, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
