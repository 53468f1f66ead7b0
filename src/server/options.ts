/** The options of `dropgate()`: one table of defaults, and start-up errors that name option, value and what is allowed. */
import { defineTrustedOrigins } from '../sansio/csrf/origin.ts'
import { checkDropArea, defineDropArea } from '../sansio/dropzone/define.ts'
import type { DropAreaOptions } from '../sansio/dropzone/options.ts'
import { defineMessages, type Messages } from '../sansio/messages.ts'
import { OptionError } from '../sansio/option-error.ts'
import { knownOptions } from '../sansio/policy/option-keys.ts'
import { definePolicy, type Policy } from '../sansio/policy/policy.ts'
import { memoryLocker } from '../storages/lockers/memory.ts'
import type { Clock, Locker, Storage } from '../upload/ports.ts'
import type { Hooks, Inspector, Naming, Validator } from '../upload/types.ts'
import { defineCors } from './cors.ts'
import { type CsrfSettings, defineCsrf, secretsOf } from './csrf-options.ts'
import { defineLimits, type LimitSettings } from './limits/define.ts'
import { defineRemoteAddress, type RemoteAddress } from './limits/remote-address.ts'
import type { DropgateOptions } from './types.ts'

/** What stands where nothing is said. */
export const defaults = {
  path: '/uploads',
  naming: 'original',
  errors: 'text',
  log: (line: string) => console.warn(`dropgate: ${line}`),
  clock: { now: () => Date.now(), steady: () => performance.now() },
  expiry: 24 * 60 * 60,
} as const satisfies Partial<DropgateOptions>

/** Options after the check, with nothing left to decide. */
export interface Settings {
  readonly path: string
  readonly storage: Storage
  readonly policy: Policy
  readonly messages: Messages
  readonly naming: Naming
  readonly dropArea: DropAreaOptions
  /** Undefined: no check at all. */
  readonly csrf: CsrfSettings | undefined
  /** Our own public origin, where it is told. */
  readonly publicUrl: string | undefined
  /** Other origins whose pages may use the endpoint. */
  readonly corsOrigins: readonly string[]
  readonly validate: Validator | undefined
  readonly inspectors: readonly Inspector[]
  readonly hooks: Hooks
  readonly onEvent: DropgateOptions['onEvent']
  readonly errors: 'text' | 'json'
  readonly redirectUrl: string | undefined
  readonly log: (line: string) => void
  readonly urlFor: DropgateOptions['urlFor']
  readonly clock: Clock
  readonly authorize: DropgateOptions['authorize']
  readonly locker: Locker
  /** Milliseconds. */
  readonly expiry: number
  /** Undefined: none. */
  readonly limits: LimitSettings | undefined
  readonly addressOf: RemoteAddress
  /** They sign the URLs of downloads; undefined where the endpoint gives out no files. */
  readonly downloadSecrets: readonly string[] | undefined
}

/** Every option with its check; a new option is a line here and one in `DropgateOptions`. */
const known: Record<keyof DropgateOptions, (value: unknown, name: string) => void> = {
  path: checkPath,
  storage: checkStorage,
  policy: checkObject,
  naming: checkNaming,
  dropArea: checkObject,
  messages: checkObject,
  csrf: (value, name) => value === false || checkObject(value, name),
  publicUrl: value => definePublicUrl(value),
  cors: checkObject,
  validate: checkFunction,
  inspectors: checkInspectors,
  onUploadCreate: checkFunction,
  onUploadFinish: checkFunction,
  onUploadReject: checkFunction,
  onEvent: checkFunction,
  errors: (value, name) => value === 'text' || value === 'json' || fail(name, value, '"text" or "json"'),
  redirectUrl: checkRedirect,
  log: checkFunction,
  urlFor: checkFunction,
  clock: (value, name) => checkMethod(value, name, 'now', 'an object with now(), ms since 1970'),
  authorize: checkFunction,
  locker: (value, name) =>
    checkMethod(value, name, 'acquire', 'a locker, e.g. fileLocker("./locks") from dropgate/disk'),
  limits: checkObject,
  trustedProxies: (value, name) => Array.isArray(value) || fail(name, value, 'a list of addresses and networks'),
  expiry: (value, name) => {
    if (!(typeof value === 'number' && value > 0 && value <= 1e9)) fail(name, value, 'seconds above 0')
  },
  downloads: (value, name) => typeof value === 'boolean' || checkObject(value, name),
}

/**
 * Checks options and fills in what is not given.
 * @throws OptionError
 */
export function defineSettings(options: DropgateOptions): Settings {
  const given = knownOptions(options, Object.keys(known), 'options')
  checkStorage(options?.storage, 'storage')
  for (const [name, value] of given) known[name as keyof DropgateOptions](value, name)
  const { onUploadCreate, onUploadFinish, onUploadReject } = options
  const hooks: Hooks = {
    ...(onUploadCreate && { onUploadCreate }),
    ...(onUploadFinish && { onUploadFinish }),
    ...(onUploadReject && { onUploadReject }),
  }
  const log = options.log ?? defaults.log
  const corsOrigins = defineCors(options.cors)
  const publicUrl = definePublicUrl(options.publicUrl)
  const csrf = options.csrf === false ? undefined : trusting(defineCsrf(options.csrf), corsOrigins, publicUrl)
  const dropArea = defineDropArea(options.dropArea)
  const hasSecret = csrf !== undefined && csrf.secrets.length > 0
  const resumable = options.storage.resumable !== undefined
  checkDropArea(dropArea, { urlFor: options.urlFor !== undefined, csrf: hasSecret, resumable })
  if (dropArea.deleteOnRemove && !(hasSecret && options.storage.delete)) {
    fail(
      'dropArea.deleteOnRemove',
      true,
      'false, or csrf.secret set (it signs the URLs) and the storage able to delete',
    )
  }
  return {
    path: options.path ?? defaults.path,
    storage: options.storage,
    policy: definePolicy(options.policy),
    messages: defineMessages(options.messages),
    naming: options.naming ?? defaults.naming,
    dropArea,
    csrf,
    publicUrl: publicUrl ?? csrf?.publicUrl,
    corsOrigins,
    validate: options.validate,
    inspectors: readableInspectors(options),
    hooks,
    onEvent: options.onEvent,
    errors: options.errors ?? defaults.errors,
    redirectUrl: options.redirectUrl ?? dropArea.redirectUrl,
    log: line => log(oneLine(shortIds(line))),
    urlFor: options.urlFor,
    clock: options.clock ?? defaults.clock,
    authorize: options.authorize,
    locker: options.locker ?? memoryLocker(),
    expiry: (options.expiry ?? defaults.expiry) * 1000,
    limits: ownedLimits(options),
    addressOf: defineRemoteAddress(options.trustedProxies),
    downloadSecrets: defineDownloads(options, csrf?.secrets ?? []),
  }
}

/** The secrets that sign downloads, or undefined where they are off. */
function defineDownloads(
  { downloads = false, storage }: DropgateOptions,
  known: readonly string[],
): readonly string[] | undefined {
  if (downloads === false) return undefined
  if (!storage.read) fail('downloads', downloads, 'false, because the storage cannot read files')
  const given = knownOptions(downloads === true ? {} : downloads, ['secret'], 'downloads')
  // A variable that is not set must not switch to another secret unseen.
  if (downloads !== true && 'secret' in downloads) {
    return secretsOf(given.get('secret'), 'downloads.secret', 'to sign the URLs of downloads')
  }
  if (known.length > 0) return known
  fail('downloads', downloads, '{ secret } with a secret of its own, or csrf.secret set: it signs the URLs')
}

/** Bytes are kept by somebody who comes back, which no address can tell. */
function ownedLimits({ limits, authorize }: DropgateOptions): LimitSettings | undefined {
  const settings = defineLimits(limits)
  if (settings?.quota && !authorize)
    fail('limits.quota', limits?.quota, 'used together with authorize, which names the owner')
  return settings
}

function fail(name: string, value: unknown, allowed: string, hint?: string): never {
  throw new OptionError(name, value, allowed, hint)
}

function definePublicUrl(value: unknown): string | undefined {
  return value === undefined ? undefined : defineTrustedOrigins([value], 'publicUrl')[0]
}

/** The origin check knows the same origins as the rest. */
function trusting(csrf: CsrfSettings, origins: readonly string[], publicUrl: string | undefined): CsrfSettings {
  const known = publicUrl === undefined || csrf.publicUrl !== undefined ? {} : { publicUrl }
  return { ...csrf, ...known, trustedOrigins: [...csrf.trustedOrigins, ...origins] }
}

function checkPath(value: unknown, name: string): void {
  const path = typeof value === 'string' ? value : ''
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path)) {
    fail(name, value, 'a path such as "/uploads": it begins with a slash, ends without one, and has plain letters')
  }
}

function checkStorage(value: unknown, name: string): void {
  const storage = (value ?? {}) as Partial<Record<keyof Storage, unknown>>
  const verbs = ['create', 'append', 'commit', 'remove', 'stat'] as const
  if (verbs.some(verb => typeof storage[verb] !== 'function')) {
    fail(name, value, 'a storage, e.g. diskStorage("./uploads") from dropgate/disk')
  }
}

function checkNaming(value: unknown, name: string): void {
  if (value === 'original' || value === 'random' || typeof value === 'function') return
  fail(name, value, '"original", "random" or a function that returns a name')
}

function checkObject(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(name, value, 'an object')
}

function checkMethod(value: unknown, name: string, method: string, allowed: string): void {
  if (typeof (value as Record<string, unknown> | null)?.[method] !== 'function') fail(name, value, allowed)
}

function checkInspectors(value: unknown, name: string): void {
  const allowed = 'a list of inspectors, e.g. [imageLimit()] from dropgate/inspect'
  if (!Array.isArray(value)) fail(name, value, allowed)
  for (const inspector of value) checkMethod(inspector, name, 'inspect', allowed)
}

function readableInspectors({ inspectors = [], storage }: DropgateOptions): readonly Inspector[] {
  if (inspectors.length > 0 && !storage.readAt) {
    fail('storage', storage, 'one with the capability readAt where there are inspectors')
  }
  return inspectors
}

function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') fail(name, value, 'a function')
}

function checkRedirect(value: unknown, name: string): void {
  // A Location header must stay one header, and a plain form must not be sent to `javascript:`.
  if (typeof value === 'string' && /^(\/|https?:\/\/)[^\u0000-\u001f\u007f]*$/.test(value)) return
  fail(name, value, 'a path that begins with a slash or an http(s) URL')
}

/**
 * The error of a system call names its file, and the files of an unfinished upload are called by its id: whoever reads
 * the log shall not be able to go on with it.
 */
function shortIds(text: string): string {
  return text.replace(/(?<=[/\\])([0-9a-f]{8})[0-9a-f]{24}(?![0-9a-f])/g, '$1…')
}

/** What an error says may come from a stranger: nothing in it breaks the line, colours a terminal or turns its text. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, letter => {
    return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
