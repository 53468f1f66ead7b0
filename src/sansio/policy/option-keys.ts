import { OptionError } from '../option-error.ts'

/**
 * Takes an options object that a person wrote, and refuses what is no object or has a name nobody knows: a misspelt
 * limit would be no limit at all.
 *
 * @param value what was given; `undefined` is an empty object
 * @param allowed the names there are
 * @param prefix the option's own name, e.g. `policy`
 * @returns the options, without those that are `undefined`
 * @throws OptionError e.g. `policy.maxFilesize is not an option; there are accept, … Did you mean maxFileSize?`
 */
export function knownOptions(value: unknown, allowed: readonly string[], prefix: string): Map<string, unknown> {
  if (value === undefined) return new Map()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError(prefix, value, `an object with some of ${allowed.join(', ')}`)
  }
  for (const [key, given] of Object.entries(value)) {
    if (!allowed.includes(key)) throw unknownOption(key, given, allowed, prefix)
  }
  return new Map(Object.entries(value).filter(([, given]) => given !== undefined))
}

function unknownOption(key: string, given: unknown, allowed: readonly string[], prefix: string): OptionError {
  const sentence = `is not an option; there are ${allowed.join(', ')}.`
  return new OptionError(`${prefix}.${key}`, given, { sentence }, didYouMean(key, allowed))
}

/** "Did you mean maxFiles?", for a key that is at most two letters off; undefined when none is. */
export function didYouMean(key: string, allowed: readonly string[]): string | undefined {
  const nearest = allowed
    .map(name => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return nearest && nearest.distance <= 2 ? `Did you mean ${nearest.name}?` : undefined
}

/** Levenshtein distance of two short words. */
function editDistance(a: string, b: string): number {
  // Names come from the developer, but a table of a megabyte is never worth a hint.
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
