import { formatSize, parseSize, type Size } from '../bytes/size.ts'
import { OptionError } from '../option-error.ts'
import { defineAccept } from './accept.ts'
import { knownOptions } from './option-keys.ts'

/** What may come in, as a developer writes it. Sizes are bytes from 1024 on, or text such as `'50 MiB'`. */
export interface PolicyOptions {
  /** MIME types, `image/*`, `.ext`; a list, or one text with commas. Default: everything. Dropzone `acceptedFiles`. */
  readonly accept?: string | readonly string[]
  /** Of one file. Default 256 MiB, as Dropzone; `Infinity` for no limit. Dropzone `maxFilesize`. */
  readonly maxFileSize?: Size
  /** Files of one request, from 1 on. Default `Infinity` (the parser's limit of 1,000 parts remains). */
  readonly maxFiles?: number
  /** All files of one request together. Default `Infinity`. */
  readonly maxTotalSize?: Size
  /** Form fields of one request beside the files, from 0 on. Default 1,000. */
  readonly maxFields?: number
  /** Of one form field's value. Default 1 MiB. */
  readonly maxFieldSize?: Size
  /** Whether a file of 0 bytes may come in. Default true. */
  readonly emptyFiles?: boolean
  /**
   * Whether the first bytes of a file must be what its type and extension say (`'match'`), or nobody looks (`'declared'`).
   * Default: `'match'` where there is an `accept` list, else `'declared'`.
   */
  readonly content?: 'match' | 'declared'
}

/** What may come in, with every default filled in. Sizes are bytes, `Infinity` is no limit. Made by {@link definePolicy}. */
export interface Policy {
  /** Lower case; empty: everything. */
  readonly accept: readonly string[]
  /** The list that {@link accept} narrows, on a page with types of its own: a file must pass both. */
  readonly within?: readonly string[]
  readonly maxFileSize: number
  readonly maxFiles: number
  readonly maxTotalSize: number
  readonly maxFields: number
  readonly maxFieldSize: number
  readonly emptyFiles: boolean
  /** As it was said; otherwise by whether there is an {@link accept} list. */
  readonly content?: 'match' | 'declared'
}

/**
 * What applies when nothing else is said. There is no limit to the number of files, as in Dropzone: on the page it
 * counts all that are ever dropped there, and a folder of 2,000 photos is an honest upload.
 */
export const policyDefaults: Readonly<Policy> = Object.freeze({
  accept: Object.freeze([]),
  maxFileSize: 256 * 1024 ** 2,
  maxFiles: Number.POSITIVE_INFINITY,
  maxTotalSize: Number.POSITIVE_INFINITY,
  maxFields: 1000,
  maxFieldSize: 1024 ** 2,
  emptyFiles: true,
})

/**
 * Reads what may come in, once, at start-up.
 *
 * @param prefix the option's own name for the sentences
 * @throws OptionError for an unknown name or a wrong value, e.g. `policy.maxFileSize is 3 bytes; did you mean "3 MiB"?`
 * @example definePolicy({ accept: ['image/*', '.pdf'], maxFileSize: '50 MiB', maxFiles: 30 })
 */
export function definePolicy(options?: PolicyOptions, prefix = 'policy'): Policy {
  const given = knownOptions(options, [...Object.keys(policyDefaults), 'content'], prefix)
  const size = (name: 'maxFileSize' | 'maxTotalSize' | 'maxFieldSize') =>
    given.has(name) ? readSize(given.get(name), `${prefix}.${name}`) : policyDefaults[name]
  const count = (name: 'maxFiles' | 'maxFields', least: number) =>
    given.has(name) ? readCount(given.get(name), least, `${prefix}.${name}`) : policyDefaults[name]
  const emptyFiles = given.has('emptyFiles') ? given.get('emptyFiles') : policyDefaults.emptyFiles
  if (typeof emptyFiles !== 'boolean') throw new OptionError(`${prefix}.emptyFiles`, emptyFiles, 'true or false')
  const content = given.get('content')
  if (content !== undefined && content !== 'match' && content !== 'declared') {
    throw new OptionError(`${prefix}.content`, content, '"match" or "declared"')
  }
  return Object.freeze({
    accept: Object.freeze(defineAccept(given.get('accept'), `${prefix}.accept`)),
    maxFileSize: size('maxFileSize'),
    maxFiles: count('maxFiles', 1),
    maxTotalSize: size('maxTotalSize'),
    maxFields: count('maxFields', 0),
    maxFieldSize: size('maxFieldSize'),
    emptyFiles,
    ...(content && { content }),
  })
}

/**
 * A limit in bytes. A bare number below 1024 is refused: whoever writes 3 means MiB, as in Dropzone.
 * @throws OptionError
 */
export function readSize(value: unknown, option: string): number {
  const allowed = 'a size such as "50 MiB", a whole number of bytes from 1024 on, or Infinity for no limit'
  if (value === Number.POSITIVE_INFINITY) return value
  if (typeof value === 'number' && value > 0 && value < 1024) {
    throw new OptionError(option, value, { sentence: `is ${formatSize(value)}; did you mean "${value} MiB"?` })
  }
  const bytes = typeof value === 'string' ? parseSize(value) : value
  if (typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new OptionError(option, value, allowed, sizeHint(value))
}

function sizeHint(value: unknown): string | undefined {
  if (typeof value === 'string' && /^\s*[1-9]\d*\s*$/.test(value)) return `Did you mean "${value.trim()} MiB"?`
  const meansNoLimit = value === 0 || value === null || value === 'Infinity' || value === 'infinity'
  return meansNoLimit ? 'No limit is written Infinity.' : undefined
}

/**
 * A limit as a whole number, or Infinity.
 * @throws OptionError
 */
export function readCount(value: unknown, least: number, option: string): number {
  const isCount = typeof value === 'number' && value >= least && (Number.isSafeInteger(value) || value === Infinity)
  if (isCount) return value
  throw new OptionError(option, value, `a whole number from ${least} on, or Infinity for no limit`)
}
