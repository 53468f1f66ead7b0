/** Flask-Dropzone's groups of file types. */
import { OptionError } from '../option-error.ts'

/**
 * What may come in, by one word. `default` lets everything in: Flask-Dropzone's list of five groups also refused fonts,
 * models and every file whose type the browser does not know.
 *
 * @example dropgate({ storage, policy: { accept: fileTypeGroups.image } })
 */
export const fileTypeGroups = Object.freeze({
  default: '*/*',
  image: 'image/*',
  audio: 'audio/*',
  video: 'video/*',
  text: 'text/*',
  app: 'application/*',
} as const)

/** The name of a group. */
export type FileTypeGroup = keyof typeof fileTypeGroups

/**
 * The value of `policy.accept` for Flask-Dropzone's `ALLOWED_FILE_TYPE` and `ALLOWED_FILE_CUSTOM`.
 *
 * @param type a group; with `custom` a list as in HTML, e.g. `'image/*, .pdf'`
 * @param option the option's full name for the sentence
 * @throws OptionError for a word that is no group
 * @example acceptOf('image') // 'image/*'
 */
export function acceptOf(type: string, custom = false, option = 'allowedFileType'): string {
  if (custom) return type
  const group = typeof type === 'string' ? type.trim().toLowerCase() : ''
  if (Object.hasOwn(fileTypeGroups, group)) return fileTypeGroups[group as FileTypeGroup]
  const hint = 'A list such as "image/*, .pdf" is custom.'
  throw new OptionError(option, type, `one of ${Object.keys(fileTypeGroups).join(', ')}`, hint)
}
