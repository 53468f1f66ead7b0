/** The check of `dropArea` at start-up: one row for each option. */
import { OptionError } from '../option-error.ts'
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
const selector: Kind = { allowed: 'a CSS selector', test: value => typeof value === 'string' && value.trim() !== '' }
const positive: Kind = { allowed: 'a number above 0', test: value => isNumber(value) && value > 0 }
const count: Kind = {
  allowed: 'a whole number from 1 on',
  test: value => isNumber(value) && value >= 1 && value % 1 === 0,
}
const ratio: Kind = { allowed: 'a number from 0 to 1', test: value => isNumber(value) && value >= 0 && value <= 1 }
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
  paramName: fieldName,
  binaryBody: bool,
  timeout: or(positive, null),
  headers,
  params: fields,
  withCredentials: bool,
  uploadMultiple: bool,
  parallelUploads: count,
  autoProcessQueue: bool,
  autoQueue: bool,
  ignoreHiddenFiles: bool,
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
  filesizeBase: oneOf(1000, 1024),
  dictFileSizeUnits: units,
  dictNetworkError: text,
  dictTimeout: text,
  dictUploaded: text,
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
  url: 'Set path, or the action of create().',
  inputName: 'Its name is paramName.',
  chunking: 'Chunks are not supported yet.',
}

/**
 * Checks the options of the drop area; what is left `undefined` is dropped.
 *
 * @param options as given to `dropgate({ dropArea })`
 * @returns a frozen copy
 * @throws OptionError for an unknown name, a wrong value, or two options that exclude each other
 * @example defineDropArea({ uploadMultiple: true, parallelUploads: 3 })
 */
export function defineDropArea(options: DropAreaOptions = {}): DropAreaOptions {
  if (!isRecord(options)) throw new OptionError('dropArea', options, 'an object')
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof DropAreaOptions] : undefined
    if (!kind) throw unknownOption(name, value)
    if (!kind.test(value)) throw new OptionError(`dropArea.${name}`, value, kind.allowed)
  }
  const copy: DropAreaOptions = Object.fromEntries(given)
  if (copy.uploadMultiple && copy.binaryBody) {
    throw new OptionError('dropArea.binaryBody', true, 'false together with uploadMultiple', 'A raw body is one file.')
  }
  return Object.freeze(copy)
}

function unknownOption(name: string, value: unknown): OptionError {
  if (typeof value === 'function') {
    return new OptionError(
      `dropArea.${name}`,
      value,
      'left out',
      'Functions are given in the browser, with dropgate.configure().',
    )
  }
  const hint = Object.hasOwn(elsewhere, name)
    ? elsewhere[name]
    : name.startsWith('dict')
      ? 'The texts of refusals, buttons and questions are set in messages.'
      : undefined
  return new OptionError(`dropArea.${name}`, value, { sentence: 'is not an option.' }, hint)
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
