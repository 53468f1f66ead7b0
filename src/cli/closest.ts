/**
 * The word that was probably meant, for "did you mean".
 *
 * @returns undefined when no word is near enough to be a typing error
 */
export function closest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map(candidate => ({ candidate, distance: distance(word.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (!best) return undefined
  const begins = words.filter(candidate => word.length >= 3 && candidate.startsWith(word))
  // Two letters in the wrong order count as two.
  if (best.distance <= (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3)))) return best.candidate
  return begins[0]
}

/** Levenshtein distance: letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
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
