import { areaMessages } from './dropzone/area-messages.ts'
import { uploadErrors } from './errors.ts'
import { OptionError } from './option-error.ts'
import { knownOptions } from './policy/option-keys.ts'

/**
 * What people read on and around a drop area: the thirteen texts of Dropzone, by the names of Flask-Dropzone where it
 * has one. The three that refuse a file ({@link fileTooBig}, {@link invalidFileType}, {@link maxFilesExceeded}) are
 * said by the page and by the server alike.
 *
 * Dropzone reads `defaultMessage`, `fallbackText`, `cancelUpload` and `removeFile` as HTML, the others as text.
 */
export interface Messages {
  /** Invites to drop files. `dictDefaultMessage`. */
  readonly defaultMessage: string
  /** The browser cannot drag and drop. `dictFallbackMessage`. */
  readonly browserUnsupported: string
  /** Stands above the plain form in that case. `dictFallbackText`. */
  readonly fallbackText: string
  /** `{{filesize}}` and `{{maxFilesize}}` are filled in. `dictFileTooBig`. */
  readonly fileTooBig: string
  /** The type is not in `accept`. `dictInvalidFileType`. */
  readonly invalidFileType: string
  /** No preview could be drawn. `dictThumbnailError`. */
  readonly thumbnailError: string
  /** The server gave no sentence; `{{statusCode}}` is filled in (0: no answer at all). `dictResponseError`. */
  readonly serverError: string
  /** A link. `dictCancelUpload`. */
  readonly cancelUpload: string
  /** `dictUploadCanceled`. */
  readonly uploadCanceled: string
  /** A question. `dictCancelUploadConfirmation`. */
  readonly cancelConfirmation: string
  /** A link. `dictRemoveFile`. */
  readonly removeFile: string
  /** A question, or null to remove without asking. `dictRemoveFileConfirmation`. */
  readonly removeConfirmation: string | null
  /** `{{maxFiles}}` is filled in. `dictMaxFilesExceeded`. */
  readonly maxFilesExceeded: string
}

/** The texts that apply when nothing else is said. */
export const defaultMessages: Messages = Object.freeze({
  ...areaMessages,
  fallbackText: 'Please use the form below to upload your files.',
  fileTooBig: uploadErrors['file-too-big'].text,
  invalidFileType: uploadErrors['type-not-allowed'].text,
  thumbnailError: 'Failed to load the image. The file may be corrupted.',
  serverError: 'Server responded with {{statusCode}} code.',
  cancelUpload: 'Cancel upload',
  uploadCanceled: 'Upload canceled.',
  cancelConfirmation: 'Are you sure you want to cancel this upload?',
  removeFile: 'Remove file',
  removeConfirmation: null,
  maxFilesExceeded: uploadErrors['too-many-files'].text,
})

/**
 * The default texts with own ones in their place.
 *
 * @param custom any of the {@link Messages}; `undefined` leaves the default
 * @throws OptionError for an unknown name, and for what is not a text of at least one letter. (Dropzone takes an empty
 *   refusal for "accepted".)
 * @example defineMessages({ invalidFileType: 'PNG only!' })
 */
export function defineMessages(custom?: Partial<Messages>): Messages {
  const given = knownOptions(custom, Object.keys(defaultMessages), 'messages')
  for (const [name, text] of given) {
    if (name === 'removeConfirmation' && text === null) continue
    if (typeof text === 'string' && text.trim() !== '') continue
    const orNull = name === 'removeConfirmation' ? ', or null to remove without asking' : ''
    throw new OptionError(`messages.${name}`, text, `a text that is not empty${orNull}`)
  }
  return Object.freeze({ ...defaultMessages, ...Object.fromEntries(given) })
}
