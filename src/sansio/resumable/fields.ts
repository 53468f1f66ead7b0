/** Small readers and writers that both dialects use. */
import { UploadError, type UploadErrorCode } from '../errors.ts'
import { trimSpace } from '../headers/parameters.ts'
import type { Checksum, ChecksumAlgorithm, RequestHead } from './intent.ts'

/** Bytes of each algorithm's digest. */
const digestLengths: Readonly<Record<ChecksumAlgorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 }

/** An upload's id in a URL, as the storage port defines it. */
export const uploadIdPattern = /^[A-Za-z0-9_-]{22,64}$/

/**
 * Digits and nothing else, at most 2^53 - 1: no sign, point, exponent, leading zero, space or list.
 *
 * @returns undefined when the field is absent
 * @throws UploadError with `code` for anything else
 * @example parseDigits('1e3', 'invalid-offset') // throws
 */
export function parseDigits(field: string | null, code: UploadErrorCode): number | undefined {
  if (field === null) return undefined
  const value = /^(?:0|[1-9]\d{0,15})$/.test(field) ? Number(field) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new UploadError(code)
  return value
}

/**
 * The media type of a field such as Content-Type: lower case, without parameters, `''` when there is none worth the name.
 * @example mediaType('Image/PNG; q=1') // 'image/png'
 */
export function mediaType(field: string | null | undefined): string {
  const type = trimSpace((field ?? '').split(';', 1)[0] as string).toLowerCase()
  return /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/.test(type) ? type : ''
}

/** A checksum, or undefined when the digest has not the algorithm's length. */
export function checksumOf(algorithm: ChecksumAlgorithm, digest: Uint8Array | undefined): Checksum | undefined {
  return digest?.length === digestLengths[algorithm] ? { algorithm, digest } : undefined
}

/** A refusal of a method, with what is allowed instead (RFC 9110 section 15.5.6). */
export function methodNotAllowed(allow: string): UploadError {
  return new UploadError('method-not-allowed', undefined, { headers: { Allow: allow } })
}

/** Bytes of the body as declared; undefined when not. */
export function bodyLengthOf({ headers }: RequestHead): number | undefined {
  return parseDigits(headers.get('content-length'), 'invalid-length')
}

/** Whether the head announces a body that may have bytes. Over HTTP/2 a body may come unannounced. */
export function announcesBody(head: RequestHead): boolean {
  return (bodyLengthOf(head) ?? 0) > 0 || head.headers.get('transfer-encoding') !== null
}
