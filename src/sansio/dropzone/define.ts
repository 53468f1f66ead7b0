/** The check of `dropArea` at start-up. */
import { OptionError } from '../option-error.ts'
import { didYouMean } from '../policy/option-keys.ts'
import { isRecord, kinds } from './option-kinds.ts'
import type { DropAreaOptions } from './options.ts'
import { isUrl } from './urls.ts'

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
