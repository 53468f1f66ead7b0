/**
 * A wrong option, found at start-up. The sentence names the option, the value given and what is allowed.
 *
 * @example throw new OptionError('policy.maxFiles', -1, 'a whole number from 1 on, or Infinity for no limit')
 */
export class OptionError extends TypeError {
  override readonly name = 'OptionError'
  /** The option's full name, e.g. `policy.maxFileSize`. */
  readonly option: string

  /**
   * @param allowed what may stand there, as the end of the sentence "…; it must be …"; or, as `{ sentence }`, all that
   *   follows the option's name
   * @param hint a second sentence, e.g. `Did you mean "3 MiB"?`
   */
  constructor(option: string, value: unknown, allowed: string | { readonly sentence: string }, hint?: string) {
    const sentence = typeof allowed === 'string' ? `is ${show(value)}; it must be ${allowed}.` : allowed.sentence
    super(`${option} ${sentence}${hint ? ` ${hint}` : ''}`)
    this.option = option
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}
