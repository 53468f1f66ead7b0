/** The wire between the page and the client script: attribute names, and the JSON of the data island. */
import type { DropAreaOptions } from './options.ts'

/** Marks a drop area. Its `id` is what {@link CONFIG_ATTRIBUTE} repeats. */
export const AREA_ATTRIBUTE = 'data-dropgate'
/** On `<script type="application/json">`: the id of the drop area that the JSON belongs to. */
export const CONFIG_ATTRIBUTE = 'data-dropgate-config'
/** On the sentence that tells the limits, inside a drop area. */
export const LIMITS_ATTRIBUTE = 'data-dropgate-limits'
/** Query parameter that carries the file name of a raw body. */
export const NAME_PARAMETER = 'name'
/** The id used when a page has one drop area and names none (Flask-Dropzone's). */
export const DEFAULT_ID = 'myDropzone'

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Texts of the client script itself; Dropzone has none for these. */
export interface ClientTexts {
  readonly networkError: string
  readonly timeout: string
  /** `{{name}}` is filled in. */
  readonly uploaded: string
}

/** What one data island says. */
export interface DropAreaConfig {
  /** Dropzone's options, by Dropzone's names. */
  readonly options: { readonly [name: string]: Json }
  readonly texts: ClientTexts
  /** Where to go when the queue is done, at least one file is kept and none was refused. */
  readonly redirectUrl?: string
}

/** The texts of a drop area; options of the same name replace them. */
export const dropAreaTexts = {
  dictDefaultMessage: 'Drop files here or click to upload.',
  dictResponseError: 'Server responded with {{statusCode}} code.',
  dictThumbnailError: 'Failed to load the image. The file may be corrupted.',
  dictCancelUpload: 'Cancel upload',
  dictUploadCanceled: 'Upload canceled.',
  dictCancelUploadConfirmation: 'Are you sure you want to cancel this upload?',
  dictRemoveFile: 'Remove file',
  dictFileSizeUnits: { tb: 'TiB', gb: 'GiB', mb: 'MiB', kb: 'KiB', b: 'bytes' },
  dictNetworkError: 'The connection was lost. Check it and try again.',
  dictTimeout: 'The upload took too long.',
  dictUploaded: '{{name}} was uploaded.',
  dictFileInput: 'Choose files',
  dictUploadButton: 'Upload',
} as const satisfies DropAreaOptions

/** The face of the policy that a page shows: the limits three times over, from one object. */
export interface PolicyFace {
  /** Dropzone's options: `maxFilesize` (MiB or null), `acceptedFiles`, `maxFiles`, and their sentences. */
  readonly dropzone: object
  /** For `<input accept>`; `''` when everything may come in. */
  readonly accept: string
  /** The limits in words. */
  readonly sentence: string
}

/**
 * The JSON of a data island: our defaults, then the drop area's options, then the policy, which always has the last word.
 *
 * @param dropArea as returned by `defineDropArea`
 */
export function dropAreaConfig(dropArea: DropAreaOptions, policy: PolicyFace, redirectUrl?: string): DropAreaConfig {
  const { dictNetworkError, dictTimeout, dictUploaded, dictFileInput, dictUploadButton, ...options } = {
    ...dropAreaTexts,
    filesizeBase: 1024,
    ...dropArea,
  }
  return {
    options: { ...(options as DropAreaConfig['options']), ...(policy.dropzone as DropAreaConfig['options']) },
    texts: { networkError: dictNetworkError, timeout: dictTimeout, uploaded: dictUploaded },
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
  }
}
