/** What one page says differently: read, sorted, and laid over what the engine says. */
import type { Size } from '../sansio/bytes/size.ts'
import { checkWhole, defineDropArea, withoutSecret } from '../sansio/dropzone/define.ts'
import type { DropAreaOptions } from '../sansio/dropzone/options.ts'
import { defaultMessages, defineMessages, type Messages } from '../sansio/messages.ts'
import { OptionError } from '../sansio/option-error.ts'
import type { PolicyOptions } from '../sansio/policy/define.ts'
import { type NarrowedPolicy, narrowPolicy } from '../sansio/policy/narrow.ts'
import { describePolicy, type PolicyDescription } from '../sansio/policy/policy.ts'
import { acceptOf } from '../sansio/settings/file-types.ts'
import type { PageFacts } from './facts.ts'

/**
 * Every keyword of Flask-Dropzone's `config()`, camelCased, and every option of the drop area, for one page. What
 * belongs to the policy can only be narrowed; it travels signed in the page's token, so it needs `csrf.secret`.
 */
export interface PageOverrides extends DropAreaOptions, Partial<Messages> {
  /** As `policy.accept`. */
  readonly accept?: string | readonly string[]
  /** A group such as `'image'`; with {@link allowedFileCustom} a list such as `'image/*, .pdf'`. */
  readonly allowedFileType?: string
  /** Whether {@link allowedFileType} is a list. Default false. */
  readonly allowedFileCustom?: boolean
  /** A number is MiB, as in Flask-Dropzone; or text such as `'500 KiB'`. */
  readonly maxFileSize?: Size
  /** As `policy.maxFiles`. */
  readonly maxFiles?: number
  /** As {@link maxFileSize}. */
  readonly maxTotalSize?: Size
  /** False refuses files of 0 bytes. */
  readonly emptyFiles?: boolean
  /** Flask-Dropzone's documented name of `maxFilesExceeded`. */
  readonly maxFileExceed?: string
  /** The name of it that Flask-Dropzone reads. */
  readonly maxFileExceeded?: string
  /** Flask-Dropzone's name of `uploadButtonId`. */
  readonly uploadBtnId?: string
  /** Flask-Dropzone's name of `action`. */
  readonly uploadAction?: string
}

/** One page's drop area, with nothing left to decide. */
export interface Resolved {
  readonly dropArea: DropAreaOptions
  readonly policy: PolicyDescription
  /** A fresh token; undefined when none is sent. */
  readonly token: (() => string) | undefined
}

const aliases: Readonly<Record<string, string>> = {
  maxFileExceed: 'maxFilesExceeded',
  maxFileExceeded: 'maxFilesExceeded',
  uploadBtnId: 'uploadButtonId',
  uploadAction: 'action',
}
const policyNames = ['accept', 'maxFileSize', 'maxFiles', 'maxTotalSize', 'emptyFiles']

/**
 * Lays a page's overrides over what the engine says.
 *
 * @param helper for the sentences, `'config()'` or `'create()'`
 * @throws OptionError for an unknown name, a wrong value, a policy that would be wider, or a token that is missing
 */
export function resolve(facts: PageFacts, overrides: PageOverrides, helper: string): Resolved {
  const own = sort(overrides, helper)
  const dropArea = merge(facts.dropArea, own.dropArea, helper)
  if (!facts.resumable) checkWhole(dropArea, helper)
  const { policy, narrowed } = ownPolicy(facts, own.policy, own.messages, helper)
  const { csrf } = facts
  if (dropArea.enableCsrf === true && !csrf) throw withoutSecret(`${helper}.enableCsrf`, true)
  const sendsToken = csrf !== undefined && dropArea.enableCsrf !== false
  const [first] = Object.keys(narrowed)
  if (first !== undefined && !sendsToken) throw unsealed(`${helper}.${first}`, csrf !== undefined)
  const seal = first === undefined ? undefined : narrowed
  return { dropArea, policy, token: sendsToken ? () => csrf.token(seal) : undefined }
}

interface Sorted {
  readonly dropArea: Readonly<Record<string, unknown>>
  readonly policy: PolicyOptions
  readonly messages: Partial<Messages>
}

/** Which option belongs to the policy, which to the messages; all others are the drop area's, and checked there. */
function sort(overrides: PageOverrides, helper: string): Sorted {
  const { allowedFileType, allowedFileCustom = false, ...rest } = overrides
  const sorted: Record<keyof Sorted, Record<string, unknown>> = { dropArea: {}, policy: {}, messages: {} }
  for (const [given, value] of Object.entries(rest)) {
    // Flask-Dropzone's default of the action, which means none.
    if (value === undefined || (value === '' && ['action', 'uploadAction'].includes(given))) continue
    const name = Object.hasOwn(aliases, given) ? (aliases[given] as string) : given
    const kind = policyNames.includes(name) ? 'policy' : Object.hasOwn(defaultMessages, name) ? 'messages' : 'dropArea'
    const before = sorted[kind][name]
    if (before !== undefined && before !== value) {
      throw new OptionError(`${helper}.${given}`, value, 'given under one name', `It is the same as ${name}.`)
    }
    sorted[kind][name] = name.endsWith('Size') ? inMebibytes(value) : value
  }
  if (allowedFileType !== undefined) {
    if (sorted.policy.accept !== undefined) {
      throw new OptionError(`${helper}.allowedFileType`, allowedFileType, 'left out beside accept')
    }
    sorted.policy.accept = acceptOf(allowedFileType, allowedFileCustom, `${helper}.allowedFileType`)
  }
  return sorted
}

function inMebibytes(size: unknown): unknown {
  return typeof size === 'number' && Number.isFinite(size) ? `${size} MiB` : size
}

function merge(base: DropAreaOptions, own: Readonly<Record<string, unknown>>, helper: string): DropAreaOptions {
  // Checked alone first, so that the names of the page stand in the sentences.
  const checked = defineDropArea(own as DropAreaOptions, helper)
  const { redirectUrl, redirectView, ...rest } = base
  const redirects = checked.redirectUrl !== undefined || checked.redirectView !== undefined
  return defineDropArea({ ...(redirects ? rest : base), ...checked }, helper)
}

function ownPolicy(
  facts: PageFacts,
  overrides: PolicyOptions,
  texts: Partial<Messages>,
  helper: string,
): { readonly policy: PolicyDescription; readonly narrowed: NarrowedPolicy } {
  const [name] = [...Object.keys(overrides), ...Object.keys(texts)]
  if (name === undefined) return { policy: facts.policy, narrowed: {} }
  if (!facts.policyRules || !facts.messages) {
    const sentence = 'can be set for one page when createPage() is given policyRules and messages.'
    throw new OptionError(`${helper}.${name}`, undefined, { sentence })
  }
  defineMessages(texts)
  const { policy, narrowed } = narrowPolicy(facts.policyRules, overrides, helper)
  return { policy: describePolicy(policy, { ...facts.messages, ...texts }), narrowed }
}

/** Without a token nothing tells the server which page an upload came from. */
function unsealed(option: string, hasSecret: boolean): OptionError {
  const sentence = "can be set for one page only with a token: it travels signed in the page's token."
  return new OptionError(option, undefined, { sentence }, hasSecret ? 'Leave enableCsrf on.' : 'Set csrf.secret.')
}
