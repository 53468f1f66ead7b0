/** Requests and refusals, short enough for tables. */
import { isUploadError } from '../../../../src/sansio/errors.ts'
import type { RequestHead, ResumableCapabilities, ResumableView } from '../../../../src/sansio/resumable/intent.ts'

export const id = 'AbCdEfGhIjKlMnOpQrStUv'
export const otherId = '0123456789abcdef0123456789abcdef'

export const capabilities: ResumableCapabilities = { concatenation: true, trailers: true, maxSize: 1000, maxAge: 3600 }
export const noCapabilities: ResumableCapabilities = { concatenation: false, trailers: false }

export function head(method: string, headers: Record<string, string> = {}): RequestHead {
  return { method, headers: new Headers(headers) }
}

export function view(facts: Partial<ResumableView> = {}): ResumableView {
  return { location: `/uploads/${id}`, offset: 0, length: 10, complete: false, metadata: new Map(), ...facts }
}

/** `400 Invalid Upload-Offset.`, or `no refusal`. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isUploadError(error)) return `${error.status} ${error.message}`
    throw error
  }
  return 'no refusal'
}

/** Everything that is not a plain decimal number of at most 2^53 - 1 (row 72 of the threats). */
export const hostileIntegers = [
  '',
  ' ',
  '-1',
  '-0',
  '+5',
  '5.0',
  '5.',
  '.5',
  '1e1',
  '0x10',
  '0b1',
  '1_000',
  '1,000',
  '5, 5',
  '5 5',
  '05',
  '00',
  'NaN',
  'Infinity',
  'null',
  '9007199254740992',
  '9223372036854775808',
  '18446744073709551616',
  '99999999999999999999999999',
  '٥',
  '５',
]
