/** The wire between the page and the client script: attribute names, and the JSON of the data island. */
import type { PolicyDescription } from '../policy/describe.ts'
import type { DropAreaOptions } from './options.ts'

/** Marks a drop area. Its `id` is what {@link CONFIG_ATTRIBUTE} repeats. */
export const AREA_ATTRIBUTE = 'data-dropgate'
/** On `<script type="application/json">`: the id of the drop area that the JSON belongs to. */
export const CONFIG_ATTRIBUTE = 'data-dropgate-config'
/** On the sentence that tells the limits, inside a drop area. */
export const LIMITS_ATTRIBUTE = 'data-dropgate-limits'
/** On a drop area that is no form: where its files go. */
export const ACTION_ATTRIBUTE = 'data-dropgate-action'
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
  /** `{{name}}` is filled in. */
  readonly deleteFailed: string
}

/** The token against forged requests, and where to get a fresh one. */
export interface TokenConfig {
  readonly token: string
  /** `GET` answers `{ "csrfToken": "…", "expiresIn": seconds or null }`; the old token goes along in {@link header}. */
  readonly url: string
  /** Seconds; null: as long as the session. */
  readonly expiresIn: number | null
  readonly header: string
}

/** What one data island says. */
export interface DropAreaConfig {
  /** Dropzone's options, by Dropzone's names. */
  readonly options: { readonly [name: string]: Json }
  readonly texts: ClientTexts
  /** Where to go when the queue is done, at least one file is kept and none was refused. */
  readonly redirectUrl?: string
  readonly csrf?: TokenConfig
  /** Send on a click on the element with this id. */
  readonly button?: string
  readonly deleteOnRemove?: boolean
}

/** Texts of ours for a drop area; options of the same name replace them. */
export const dropAreaTexts = {
  dictNetworkError: 'The connection was lost. Check it and try again.',
  dictTimeout: 'The upload took too long.',
  dictUploaded: '{{name}} was uploaded.',
  dictDeleteFailed: '{{name}} could not be deleted on the server.',
  dictFileInput: 'Choose files',
  dictUploadButton: 'Upload',
} as const satisfies DropAreaOptions

/** The button that starts the upload when the page names none (Flask-Dropzone's). */
export const DEFAULT_BUTTON = 'upload'

/**
 * The JSON of a data island: our defaults, then the drop area's options, then the policy, which has the last word.
 *
 * @param dropArea as returned by `defineDropArea`
 * @param policy as returned by `describePolicy`
 * @param more what only the page knows
 */
export function dropAreaConfig(
  dropArea: DropAreaOptions,
  policy: Pick<PolicyDescription, 'dropzone'>,
  more: Pick<DropAreaConfig, 'redirectUrl' | 'csrf'> & { readonly url?: string } = {},
): DropAreaConfig {
  const { uploadOnClick = false, uploadButtonId = DEFAULT_BUTTON, deleteOnRemove = false } = dropArea
  const { url, ...page } = more
  const { dictNetworkError, dictTimeout, dictUploaded, dictDeleteFailed } = { ...dropAreaTexts, ...dropArea }
  return {
    options: {
      ...(uploadOnClick ? { autoProcessQueue: false } : {}),
      ...(deleteOnRemove ? { addRemoveLinks: true } : {}),
      ...ofDropzone(dropArea),
      ...policy.dropzone,
      ...(url === undefined ? {} : { url }),
    },
    texts: {
      networkError: dictNetworkError,
      timeout: dictTimeout,
      uploaded: dictUploaded,
      deleteFailed: dictDeleteFailed,
    },
    ...page,
    ...(uploadOnClick ? { button: uploadButtonId } : {}),
    ...(deleteOnRemove ? { deleteOnRemove } : {}),
  }
}

/** Options of the page and of our client script, which Dropzone does not know. */
const ours: readonly (keyof DropAreaOptions)[] = [
  'serveLocal',
  'action',
  'redirectUrl',
  'redirectView',
  'enableCsrf',
  'uploadOnClick',
  'uploadButtonId',
  'inForm',
  'deleteOnRemove',
  'inputName',
  'dictNetworkError',
  'dictTimeout',
  'dictUploaded',
  'dictDeleteFailed',
  'dictFileInput',
  'dictUploadButton',
]

function ofDropzone(dropArea: DropAreaOptions): Readonly<Record<string, Json>> {
  const options = Object.entries(dropArea as Readonly<Record<string, Json>>)
  return Object.fromEntries(options.filter(([name]) => !ours.includes(name as keyof DropAreaOptions)))
}
