/** `Content-Digest`, `Repr-Digest` and `Want-Repr-Digest` (RFC 9530). */
import { UploadError } from '../../errors.ts'
import { formatDictionary, parseDictionary } from '../../headers/structured.ts'
import { checksumOf } from '../fields.ts'
import type { Checksum, ChecksumAlgorithm } from '../intent.ts'

/** The algorithms of RFC 9530 section 5 that are not insecure, the stronger first. */
const algorithms = [
  ['sha-512', 'sha512'],
  ['sha-256', 'sha256'],
] as const satisfies readonly (readonly [string, ChecksumAlgorithm])[]

/**
 * The digest to verify: the strongest of those we know. Unknown algorithms are passed over (RFC 9530 section 2).
 *
 * @param name the field's name, for the sentence
 * @returns undefined when the field is absent or has no algorithm we know
 * @throws UploadError `invalid-checksum` when the field can not be read or a digest has not its algorithm's length:
 * whoever sends a digest wants it checked
 */
export function parseDigest(field: string | null, name: 'Content-Digest' | 'Repr-Digest'): Checksum | undefined {
  if (field === null) return undefined
  const digests = parseDictionary(field)
  const known = algorithms.find(([key]) => digests?.has(key))
  if (digests && !known) return undefined
  const item = known && digests?.get(known[0])
  const checksum = item?.type === 'bytes' && known ? checksumOf(known[1], item.value) : undefined
  if (!checksum) throw new UploadError('invalid-checksum', `Invalid ${name}.`)
  return checksum
}

/**
 * The algorithm a client wants most of those we know (RFC 9530 section 4: from 1 to 10, 0 is "not acceptable").
 * @returns undefined when there is none, also for a field that can not be read
 * @example parseWantedDigest('sha-256=3, sha-512=10') // 'sha512'
 */
export function parseWantedDigest(field: string | null): ChecksumAlgorithm | undefined {
  const wishes = parseDictionary(field)
  let best: ChecksumAlgorithm | undefined
  let bestWish = 0
  for (const [key, algorithm] of algorithms) {
    const wish = wishes?.get(key)
    if (wish?.type !== 'integer' || wish.value > 10 || wish.value <= bestWish) continue
    best = algorithm
    bestWish = wish.value
  }
  return best
}

/** @example formatDigest({ algorithm: 'sha256', digest }) // 'sha-256=:…:' */
export function formatDigest({ algorithm, digest }: Checksum): string {
  return formatDictionary([[algorithm.replace('sha', 'sha-'), digest]])
}
