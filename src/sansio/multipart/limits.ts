import { OptionError } from '../option-error.ts'

/** What a multipart body may cost. `Infinity` is no limit. */
export interface MultipartLimits {
  /** Parts of one body, files and fields together. Default 1000; more is `too-many-parts`. */
  readonly maxParts: number
  /** Parts with a `filename`. Default no limit (the policy has its own); more is `too-many-files`. */
  readonly maxFiles: number
  /** Parts without a `filename`. Default 1000; more is `too-many-fields`. */
  readonly maxFields: number
  /** Bytes of a part's name in UTF-8. Default 200; more is `field-too-long`. */
  readonly maxFieldNameSize: number
  /** Bytes of a field's value (not of a file). Default 1 MiB; more is `field-too-long`. */
  readonly maxFieldSize: number
  /** Bytes of one part's headers with their line ends. Default 16 KiB; more is `part-header-too-long`. */
  readonly maxHeaderSize: number
  /** Header lines of one part. Default 32; more is `part-header-too-long`. */
  readonly maxHeaders: number
  /** Bytes before the first delimiter. Default 8 KiB; more is `malformed-multipart`. */
  readonly maxPreamble: number
}

/** The limits in force where none is given. */
export const defaultMultipartLimits: Readonly<MultipartLimits> = Object.freeze({
  maxParts: 1000,
  maxFiles: Number.POSITIVE_INFINITY,
  maxFields: 1000,
  maxFieldNameSize: 200,
  maxFieldSize: 1024 * 1024,
  maxHeaderSize: 16 * 1024,
  maxHeaders: 32,
  maxPreamble: 8 * 1024,
})

/**
 * The defaults with the given limits in their place.
 *
 * @throws OptionError for a limit that is no number from 0 on: compared with NaN, every size is within the limit
 */
export function multipartLimits(given: Partial<MultipartLimits> = {}): Readonly<MultipartLimits> {
  if (isWhole(given)) return given
  const limits = { ...defaultMultipartLimits }
  for (const name of Object.keys(defaultMultipartLimits) as (keyof MultipartLimits)[]) {
    const value = given[name]
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new OptionError(name, value, 'a number from 0 on, or Infinity for no limit')
    }
    limits[name] = value
  }
  whole.add(Object.freeze(limits))
  return limits
}

/** What {@link multipartLimits} returned: who has many bodies to read makes them once. */
const whole = new WeakSet<Partial<MultipartLimits>>()

function isWhole(limits: Partial<MultipartLimits>): limits is Readonly<MultipartLimits> {
  return whole.has(limits)
}
