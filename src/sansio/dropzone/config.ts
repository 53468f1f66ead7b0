/** The wire between the page and the client script: attribute names, and the JSON of the data island. */
import { parseSize } from '../bytes/size.ts'
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
  readonly resumable?: ResumableConfig
}

/** Uploads with tus. */
export interface ResumableConfig {
  /** URL of `dropgate-tus.js`. */
  readonly script: string
  /** Most bytes of one request. A browser that repeats a request by itself when a line breaks repeats no more. */
  readonly chunkSize: number
  readonly texts: ResumableTexts
}

/** Texts of an upload that can be paused. */
export interface ResumableTexts {
  readonly pause: string
  readonly resume: string
  readonly offline: string
  readonly reconnecting: string
  readonly continue: string
  readonly discard: string
  /** `{{name}}` is filled in. */
  readonly unreadable: string
}

/** Texts of ours for a drop area; options of the same name replace them. */
export const dropAreaTexts = {
  dictNetworkError: 'The connection was lost. Check it and try again.',
  dictTimeout: 'The upload took too long.',
  dictUploaded: '{{name}} was uploaded.',
  dictDeleteFailed: '{{name}} could not be deleted on the server.',
  dictPause: 'Pause',
  dictResume: 'Resume',
  dictOffline: 'You are offline. The upload goes on when you are back.',
  dictReconnecting: 'The connection was lost. Trying again.',
  dictContinue: 'Continue',
  dictDiscard: 'Discard',
  dictUnreadable: '{{name}} has changed or can not be read any more. Choose it again.',
  dictFileInput: 'Choose files',
  dictUploadButton: 'Upload',
} as const satisfies DropAreaOptions

/** Bytes of a chunk when nothing is said. */
const defaultChunkSize = 8 * 1024 * 1024

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
  more: Pick<DropAreaConfig, 'redirectUrl' | 'csrf'> & { readonly url?: string; readonly tus?: string } = {},
): DropAreaConfig {
  const { uploadOnClick = false, uploadButtonId = DEFAULT_BUTTON, deleteOnRemove = false } = dropArea
  const { url, tus, ...page } = more
  const { dictNetworkError, dictTimeout, dictUploaded, dictDeleteFailed } = { ...dropAreaTexts, ...dropArea }
  return {
    options: {
      ...(uploadOnClick ? { autoProcessQueue: false } : {}),
      ...(deleteOnRemove ? { addRemoveLinks: true } : {}),
      ...ofDropzone(dropArea),
      // As a number: of a text, Dropzone 5 and 7 cut overlapping chunks.
      ...(dropArea.chunking ? { chunkSize: chunkBytes(dropArea) } : {}),
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
    ...(dropArea.resumable && tus !== undefined ? { resumable: resumableConfig(dropArea, tus) } : {}),
  }
}

function resumableConfig(dropArea: DropAreaOptions, script: string): ResumableConfig {
  const texts = { ...dropAreaTexts, ...dropArea }
  return {
    script,
    chunkSize: chunkBytes(dropArea),
    texts: {
      pause: texts.dictPause,
      resume: texts.dictResume,
      offline: texts.dictOffline,
      reconnecting: texts.dictReconnecting,
      continue: texts.dictContinue,
      discard: texts.dictDiscard,
      unreadable: texts.dictUnreadable,
    },
  }
}

function chunkBytes({ chunkSize = defaultChunkSize }: DropAreaOptions): number {
  return typeof chunkSize === 'string' ? (parseSize(chunkSize) ?? defaultChunkSize) : chunkSize
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
  'resumable',
  'chunkSize',
  'dictPause',
  'dictResume',
  'dictOffline',
  'dictReconnecting',
  'dictContinue',
  'dictDiscard',
  'dictUnreadable',
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
