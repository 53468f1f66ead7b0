/** What the protections of a whole app have in common, whatever the framework: their lists of paths. */
import { OptionError } from '../sansio/option-error.ts'
import type { Uploads } from './types.ts'

/** Options of `csrfProtect` and `protectFetch`. */
export interface ProtectOptions {
  /** Paths that are not checked, e.g. `'/webhook'`; `'/hooks/*'` is all below. */
  readonly exempt?: readonly string[]
  /** The engine: its endpoint checks the token itself, before the first file of a form. */
  readonly uploads?: Uploads
  /** Routes that read their forms by `receiveFiles`, `files()` or `receive()`, which check before the first file as well. */
  readonly uploadRoutes?: readonly string[]
}

/** The names of all options, `onError` included, which each framework has in its own way. */
export const protectOptionNames: readonly string[] = ['exempt', 'uploads', 'uploadRoutes', 'onError']

/**
 * Checks the options' values; what is given as a list of paths but is none would protect too little, or too much.
 *
 * @param given as `knownOptions` gives them
 * @param prefix what stands before an option's name in the sentence
 * @throws OptionError
 */
export function checkProtectOptions(given: ReadonlyMap<string, unknown>, prefix: string): void {
  for (const name of ['exempt', 'uploadRoutes']) checkPaths(given.get(name), `${prefix}.${name}`)
  const uploads = given.get('uploads')
  if (uploads !== undefined && typeof (uploads as Partial<Uploads> | null)?.matches !== 'function') {
    throw new OptionError(`${prefix}.uploads`, uploads, 'what dropgate() returned')
  }
  // Its endpoint is let through on the word that it looks for the token itself.
  if (uploads !== undefined && !(uploads as Uploads).checksTokens) {
    throw new OptionError(
      `${prefix}.uploads`,
      uploads,
      'made with the same csrf.secret: it would take uploads without a token',
    )
  }
  const onError = given.get('onError')
  if (onError !== undefined && typeof onError !== 'function') {
    throw new OptionError(`${prefix}.onError`, onError, 'a function')
  }
}

/** Whether a path is on a list: as it stands there, or below an entry that ends in `/*`. */
export function isListed(path: string, list: readonly string[]): boolean {
  return list.some(entry => (entry.endsWith('/*') ? path.startsWith(entry.slice(0, -1)) : path === entry))
}

function checkPaths(value: unknown, name: string): void {
  if (value === undefined) return
  if (!Array.isArray(value)) throw new OptionError(name, value, 'a list of paths, e.g. ["/webhook", "/hooks/*"]')
  for (const [index, path] of value.entries()) {
    if (typeof path === 'string' && /^\/(?:[^?#*]*\/)?(?:\*|[^?#*/]*)$/.test(path)) continue
    throw new OptionError(`${name}[${index}]`, path, 'a path, e.g. "/webhook", or "/hooks/*" for all below')
  }
}
