/** Flask-Dropzone's settings, read from environment variables. */
import { parseSize } from '../bytes/size.ts'
import { misfit } from '../dropzone/define.ts'
import type { DropAreaOptions } from '../dropzone/options.ts'
import { isUrl } from '../dropzone/urls.ts'
import type { Messages } from '../messages.ts'
import { OptionError } from '../option-error.ts'
import { defineAccept } from '../policy/accept.ts'
import type { PolicyOptions } from '../policy/define.ts'
import { didYouMean } from '../policy/option-keys.ts'
import { acceptOf } from './file-types.ts'

/** A part of the options of `dropgate()`. Only what the environment says is there. */
export interface EnvSettings {
  readonly policy: PolicyOptions
  readonly dropArea: DropAreaOptions
  readonly messages: Partial<Messages>
  /** With `DROPZONE_ENABLE_CSRF` and `SECRET_KEY`. */
  readonly csrf?: { readonly secret: string }
  /** `DROPZONE_REDIRECT_VIEW`, when it is a URL: for the form without script. */
  readonly redirectUrl?: string
}

/** Text to value; a value that does not fit is the end of "it must be …", as `{ allowed }`. */
type Reader = (text: string) => unknown
class Misfit {
  readonly allowed: string
  constructor(allowed: string) {
    this.allowed = allowed
  }
}

interface Row {
  readonly to: 'policy' | 'dropArea' | 'messages'
  readonly key: string
  readonly read: Reader
}

const area = (key: keyof DropAreaOptions, read: Reader): Row => ({
  to: 'dropArea',
  key,
  read: text => {
    const value = read(text)
    const allowed = value instanceof Misfit ? undefined : misfit(key, value)
    return allowed === undefined ? value : new Misfit(allowed)
  },
})
const message = (key: keyof Messages): Row => ({ to: 'messages', key, read: text => text })
const asText: Reader = text => text

/** All settings, without the prefix; `ALLOWED_FILE_TYPE` and `ALLOWED_FILE_CUSTOM` belong together and are read below. */
const rows: Readonly<Record<string, Row>> = {
  SERVE_LOCAL: area('serveLocal', readSwitch),
  MAX_FILE_SIZE: { to: 'policy', key: 'maxFileSize', read: readMebibytes },
  INPUT_NAME: area('paramName', asText),
  MAX_FILES: { to: 'policy', key: 'maxFiles', read: readCount },
  TIMEOUT: area('timeout', readNumber('a number of milliseconds above 0')),
  REDIRECT_VIEW: area('redirectView', asText),
  UPLOAD_MULTIPLE: area('uploadMultiple', readSwitch),
  PARALLEL_UPLOADS: area('parallelUploads', readCount),
  ENABLE_CSRF: area('enableCsrf', readSwitch),
  UPLOAD_ON_CLICK: area('uploadOnClick', readSwitch),
  UPLOAD_BTN_ID: area('uploadButtonId', asText),
  IN_FORM: area('inForm', readSwitch),
  UPLOAD_ACTION: area('action', asText),
  DEFAULT_MESSAGE: message('defaultMessage'),
  INVALID_FILE_TYPE: message('invalidFileType'),
  FILE_TOO_BIG: message('fileTooBig'),
  SERVER_ERROR: message('serverError'),
  BROWSER_UNSUPPORTED: message('browserUnsupported'),
  MAX_FILE_EXCEED: message('maxFilesExceeded'),
  MAX_FILE_EXCEEDED: message('maxFilesExceeded'),
  CANCEL_UPLOAD: message('cancelUpload'),
  REMOVE_FILE: message('removeFile'),
  CANCEL_CONFIRMATION: message('cancelConfirmation'),
  UPLOAD_CANCELED: message('uploadCanceled'),
}
const prefix = 'DROPZONE_'

/**
 * Reads the 25 settings of Flask-Dropzone from variables such as `DROPZONE_UPLOAD_MULTIPLE=true`. Sizes are MiB, or
 * text with a unit. An empty value, `null` and `None` mean: not set.
 *
 * @param env `process.env`, or any record of texts
 * @throws OptionError for a value that does not fit, and for a variable with this prefix that is no setting
 * @example dropgate({ storage, ...settingsFromEnv(process.env) })
 */
export function settingsFromEnv(env: Readonly<Record<string, string | undefined>>): EnvSettings {
  const set = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix)) continue
    checkName(name, value)
    if (value !== undefined && !['', 'null', 'none'].includes(value.trim().toLowerCase())) set.set(name, value)
  }
  checkSpellings(set)
  const settings = { policy: readAccept(set), dropArea: {}, messages: {} }
  for (const [name, text] of set) {
    const row = rows[name.slice(prefix.length)]
    if (row) Object.assign(settings[row.to], { [row.key]: readValue(row, name, text) })
  }
  const { enableCsrf, redirectView }: DropAreaOptions = settings.dropArea
  const secret = env.SECRET_KEY
  return {
    ...settings,
    ...(enableCsrf && secret ? { csrf: { secret } } : {}),
    ...(redirectView !== undefined && isUrl(redirectView) ? { redirectUrl: redirectView } : {}),
  }
}

function checkName(name: string, value: unknown): void {
  const names = [...Object.keys(rows), 'ALLOWED_FILE_TYPE', 'ALLOWED_FILE_CUSTOM'].map(end => prefix + end)
  if (!names.includes(name)) {
    throw new OptionError(name, value, { sentence: 'is not a setting.' }, didYouMean(name, names))
  }
}

/** Flask-Dropzone documents one name of this setting and reads another. */
function checkSpellings(set: ReadonlyMap<string, string>): void {
  const [one, other] = [set.get('DROPZONE_MAX_FILE_EXCEED'), set.get('DROPZONE_MAX_FILE_EXCEEDED')]
  if (one === undefined || other === undefined || one === other) return
  throw new OptionError('DROPZONE_MAX_FILE_EXCEED', one, 'left out beside DROPZONE_MAX_FILE_EXCEEDED')
}

function readAccept(set: ReadonlyMap<string, string>): PolicyOptions {
  const name = 'DROPZONE_ALLOWED_FILE_TYPE'
  const type = set.get(name)
  const customName = 'DROPZONE_ALLOWED_FILE_CUSTOM'
  const custom = set.get(customName)
  const isCustom = custom !== undefined && fitting(readSwitch(custom), customName, custom) === true
  if (type === undefined) return {}
  const accept = acceptOf(type, isCustom, name)
  defineAccept(accept, name)
  return { accept }
}

function readValue({ read }: Row, name: string, text: string): unknown {
  return fitting(read(text), name, text)
}

function fitting(value: unknown, name: string, text: string): unknown {
  if (value instanceof Misfit) throw new OptionError(name, text, value.allowed)
  return value
}

function readSwitch(text: string): unknown {
  const word = text.trim().toLowerCase()
  if (['true', '1', 'yes'].includes(word)) return true
  return ['false', '0', 'no'].includes(word) ? false : new Misfit('true or false (also 1 or 0, yes or no)')
}

function readNumber(allowed: string): Reader {
  return text => (/^\s*\d+(\.\d+)?\s*$/.test(text) && Number(text) > 0 ? Number(text) : new Misfit(allowed))
}

function readCount(text: string): unknown {
  const value = readNumber('a whole number from 1 on')(text)
  return typeof value === 'number' && !Number.isSafeInteger(value) ? new Misfit('a whole number from 1 on') : value
}

function readMebibytes(text: string): unknown {
  if (text.trim().toLowerCase() === 'infinity') return Number.POSITIVE_INFINITY
  const size = /^[\d.\s]+$/.test(text) ? `${text.trim()} MiB` : text.trim()
  return parseSize(size)
    ? size
    : new Misfit('a number of MiB above 0, a size such as "1.5 GiB", or Infinity for no limit')
}
