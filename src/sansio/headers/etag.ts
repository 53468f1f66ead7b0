/** Entity tags (RFC 9110 section 8.8.3). */

/**
 * A strong entity tag for what tells one version of a file from every other.
 *
 * @param tag any text; what an entity tag cannot hold is percent-encoded
 * @example formatEtag('abc') // '"abc"'
 */
export function formatEtag(tag: string): string {
  const whole = tag.replace(/\p{Surrogate}/gu, '\ufffd')
  return `"${whole.replace(/[^\x21\x23-\x7e]+/gu, encodeURIComponent)}"`
}

/**
 * Whether a list of entity tags has this one; `*` has every one.
 *
 * @param field value of `If-Match` or `If-None-Match`
 * @param etag a strong one, or undefined for a file that has none
 * @param comparison `strong`: a weak tag in the list is none (section 8.8.3.2)
 * @example listsEtag('W/"a", "b"', '"a"', 'weak') // true
 */
export function listsEtag(field: string, etag: string | undefined, comparison: 'strong' | 'weak'): boolean {
  if (field.trim() === '*') return true
  if (etag === undefined) return false
  const known = field.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []
  return known.some(tag => tag === etag || (comparison === 'weak' && tag === `W/${etag}`))
}
