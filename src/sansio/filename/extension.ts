import { cutToBytes, utf8Length } from './utf8.ts'

/** An ending longer than this, in bytes, is no extension worth keeping when a name must be cut. */
const maxSuffixBytes = 64

/** Compressed archives whose two extensions belong together. */
const compound = /\.tar\.(?:gz|bz2|xz|zst|lz|lzma|lz4|br|z)$/i

/**
 * The last extension of a name, in lower case with its dot. Hidden files (`.htaccess`) have none, and neither has a
 * name whose last dot is followed by a space somewhere (`Dr. Who`).
 *
 * @returns `''` if there is none
 * @example extensionOf('Photo.JPG') // '.jpg'
 */
export function extensionOf(name: string): string {
  return name.slice(extensionStart(name)).toLowerCase()
}

/**
 * Parts a name so that something may be written before its extension; `.tar.gz` counts as one, and what
 * is longer than 64 bytes as none.
 *
 * @returns the letters as they are: `stem + suffix` is the name again
 * @example splitExtension('backup.tar.gz') // { stem: 'backup', suffix: '.tar.gz' }
 */
export function splitExtension(name: string): { stem: string; suffix: string } {
  // Only the end is searched: a regular expression that may start anywhere is slow on long hostile names.
  const double = compound.exec(name.slice(-10))?.[0].length ?? 0
  const start = double > 0 && double < name.length ? name.length - double : extensionStart(name)
  const suffix = name.slice(start)
  return utf8Length(suffix) > maxSuffixBytes ? { stem: name, suffix: '' } : { stem: name.slice(0, start), suffix }
}

/** Where the last extension begins; the name's length if there is none. */
function extensionStart(name: string): number {
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot + 1)
  const isOne = dot > 0 && extension !== '' && !/\s/.test(extension) && hasLetter(name, dot)
  return isOne ? dot : name.length
}

/** Whether something else than dots stands before `end`. */
function hasLetter(name: string, end: number): boolean {
  let at = 0
  while (at < end && name[at] === '.') at++
  return at < end
}

/**
 * The n-th name to try when a name is taken. At most 255 bytes if `name` has at most 255; clean if `name` is clean.
 *
 * @param n 0 for the name itself
 * @example numberedName('photo.jpg', 1) // 'photo (1).jpg'
 * @example numberedName('a.tar.gz', 1)  // 'a (1).tar.gz'
 */
export function numberedName(name: string, n: number): string {
  if (n === 0) return name
  const { stem, suffix } = splitExtension(name)
  const numbered = ` (${n})${suffix}`
  return cutToBytes(stem, 255 - utf8Length(numbered)) + numbered
}
