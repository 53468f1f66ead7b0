/** `Upload-Limit` (draft -11, section "Limits"). */
import { formatDictionary } from '../../headers/structured.ts'
import type { ResumableCapabilities } from '../intent.ts'
import type { InteropVersion } from './version.ts'

/**
 * The limits as a field. A server without any says `min-size=0`, so that the field is never empty.
 *
 * @param age seconds the upload has left; undefined when it does not expire
 * @param version drafts -04 and -05 (interop 6) call `max-age` `expires`
 * @example formatLimits({ concatenation: true, trailers: true, maxSize: 100 }, 3600, 8) // 'max-size=100, max-age=3600'
 */
export function formatLimits(
  capabilities: ResumableCapabilities,
  age: number | undefined,
  version: InteropVersion | undefined,
): string {
  const limits: readonly (readonly [string, number | undefined])[] = [
    ['max-size', capabilities.maxSize],
    ['min-size', capabilities.minSize],
    ['max-append-size', capabilities.maxAppendSize],
    ['min-append-size', capabilities.minAppendSize],
    [version === 6 ? 'expires' : 'max-age', age],
  ]
  const known = limits.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  return formatDictionary(known.length > 0 ? known : [['min-size', 0]])
}
