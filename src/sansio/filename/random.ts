import { cleanFilename } from './clean.ts'
import { extensionOf } from './extension.ts'

/**
 * A name that nobody can guess: 32 hex digits and the extension of `old`. As Flask-Dropzone's `random_filename`, with
 * the extension cleaned and in lower case; one that is longer than 32 letters or holds other than letters, digits,
 * `_`, `+` and `-` is left out.
 *
 * @param old the name as sent or as cleaned
 * @param hex 32 hex digits of good randomness; floor 0 makes none itself
 * @throws UploadError `name-not-allowed` for a NUL in `old`
 * @throws RangeError when `hex` is not 32 hex digits
 * @example randomFilename('Photo.JPG', '0123456789abcdef0123456789abcdef') // '0123456789abcdef0123456789abcdef.jpg'
 */
export function randomFilename(old: string, hex: string): string {
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new RangeError('randomFilename needs 32 hex digits')
  const extension = extensionOf(cleanFilename(old))
  return hex.toLowerCase() + (/^\.[\p{L}\p{N}_+-]{1,32}$/u.test(extension) ? extension : '')
}
