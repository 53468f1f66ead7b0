/** The wire between the page and the client script: attribute names, and the JSON of the data island. */
import type { PolicyDescription } from '../policy/describe.ts'
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

/** Texts of ours for a drop area; options of the same name replace them. */
export const dropAreaTexts = {
  dictNetworkError: 'The connection was lost. Check it and try again.',
  dictTimeout: 'The upload took too long.',
  dictUploaded: '{{name}} was uploaded.',
  dictFileInput: 'Choose files',
  dictUploadButton: 'Upload',
} as const satisfies DropAreaOptions

/**
 * The JSON of a data island: our defaults, then the drop area's options, then the policy, which has the last word.
 *
 * @param dropArea as returned by `defineDropArea`
 * @param policy as returned by `describePolicy`
 */
export function dropAreaConfig(
  dropArea: DropAreaOptions,
  policy: Pick<PolicyDescription, 'dropzone'>,
  redirectUrl?: string,
): DropAreaConfig {
  const { dictNetworkError, dictTimeout, dictUploaded, dictFileInput, dictUploadButton, ...options } = {
    ...dropAreaTexts,
    ...dropArea,
  }
  return {
    options: { ...options, ...policy.dropzone },
    texts: { networkError: dictNetworkError, timeout: dictTimeout, uploaded: dictUploaded },
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
  }
}
