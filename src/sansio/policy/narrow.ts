/** A page's own limits within those of the server. They travel signed in the page's token and are enforced. */
import { formatSize } from '../bytes/size.ts'
import { OptionError } from '../option-error.ts'
import { matchesType } from './accept.ts'
import { inspectsContent } from './content.ts'
import { definePolicy, type Policy, type PolicyOptions } from './define.ts'
import { extensionOfType, typesOf } from './types.ts'

/** What a page narrows, and nothing else: small, and fit for JSON. Sizes are bytes. */
export interface NarrowedPolicy {
  readonly accept?: readonly string[]
  readonly maxFileSize?: number
  readonly maxFiles?: number
  readonly maxTotalSize?: number
  readonly maxFields?: number
  readonly maxFieldSize?: number
  readonly emptyFiles?: false
  readonly content?: 'match'
}

const sizes = ['maxFileSize', 'maxTotalSize', 'maxFieldSize'] as const
const counts = ['maxFiles', 'maxFields'] as const

/**
 * Narrows a policy for one page.
 *
 * @param policy the server's, from `definePolicy`
 * @param overrides as in `definePolicy`
 * @param prefix the option's own name for the sentences
 * @returns the policy of that page, and what differs
 * @throws OptionError for a wrong value, and for one that would let in what the server does not
 * @example narrowPolicy(policy, { accept: '.png', maxFiles: 1 }).narrowed // { accept: ['.png'], maxFiles: 1 }
 */
export function narrowPolicy(
  policy: Policy,
  overrides: PolicyOptions,
  prefix = 'config()',
): { readonly policy: Policy; readonly narrowed: NarrowedPolicy } {
  const wanted = definePolicy(overrides, prefix)
  const given = (name: keyof PolicyOptions) => overrides[name] !== undefined
  const narrowed: { -readonly [Name in keyof NarrowedPolicy]: NarrowedPolicy[Name] } = {}
  for (const name of [...sizes, ...counts]) {
    if (!given(name) || wanted[name] === policy[name]) continue
    if (wanted[name] > policy[name]) {
      const limit = name === 'maxFiles' || name === 'maxFields' ? policy[name] : formatSize(policy[name])
      throw wider(`${prefix}.${name}`, overrides[name], `at most ${limit}`)
    }
    narrowed[name] = wanted[name]
  }
  if (given('emptyFiles') && wanted.emptyFiles !== policy.emptyFiles) {
    if (wanted.emptyFiles) throw wider(`${prefix}.emptyFiles`, true, 'false')
    narrowed.emptyFiles = false
  }
  if (given('content') && (wanted.content === 'match') !== inspectsContent(policy)) {
    if (wanted.content !== 'match') throw wider(`${prefix}.content`, wanted.content, '"match"')
    narrowed.content = 'match'
  }
  if (given('accept') && wanted.accept.join() !== policy.accept.join()) {
    if (!covers(policy.accept, wanted.accept)) {
      throw wider(`${prefix}.accept`, overrides.accept, `within ${policy.accept.join(', ')}`)
    }
    narrowed.accept = wanted.accept
  }
  const within = narrowed.accept && policy.accept.length > 0 ? { within: policy.accept } : {}
  return { policy: Object.freeze({ ...policy, ...narrowed, ...within }), narrowed: Object.freeze(narrowed) }
}

/**
 * Takes what {@link narrowPolicy} gave and a token carried.
 *
 * @returns the page's policy; undefined when the value is no such thing, or would let in what the server does not
 */
export function applyNarrowed(policy: Policy, narrowed: unknown): Policy | undefined {
  if (typeof narrowed !== 'object' || narrowed === null || Array.isArray(narrowed)) return undefined
  const options: Record<string, unknown> = { ...narrowed }
  // A bare number below 1024 is taken for a slip where people write it; here it is a number of bytes.
  for (const name of sizes) if (Number.isSafeInteger(options[name])) options[name] = `${options[name]} bytes`
  try {
    return narrowPolicy(policy, options).policy
  } catch (error) {
    if (error instanceof OptionError) return undefined
    throw error
  }
}

function wider(option: string, value: unknown, allowed: string): OptionError {
  return new OptionError(option, value, `${allowed}, as the policy says`, 'A page can only narrow what may come in.')
}

/** Whether each entry of `inner` stands for files that `outer` lets in. */
function covers(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0) return true
  return inner.length > 0 && inner.every(entry => coversEntry(outer, entry))
}

function coversEntry(outer: readonly string[], entry: string): boolean {
  const type = (name: string) => matchesType(outer, name)
  if (!entry.startsWith('.')) return type(entry) || outer.includes(extensionOfType(entry) ?? '')
  return outer.some(other => other.startsWith('.') && entry.endsWith(other)) || (typesOf(`x${entry}`) ?? []).some(type)
}
