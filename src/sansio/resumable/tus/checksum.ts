/** `Upload-Checksum` (tus 1.0.0, "Checksum"). */
import { decodeBase64 } from '../../bytes/base64.ts'
import { UploadError } from '../../errors.ts'
import { checksumOf } from '../fields.ts'
import type { Checksum, ChecksumAlgorithm } from '../intent.ts'

/** Advertised and accepted, the one every server must have first. */
export const tusChecksumAlgorithms: readonly ChecksumAlgorithm[] = ['sha1', 'sha256']

/**
 * Reads a checksum: the algorithm's name, a space, the digest in base64. Use it for the header and for the trailer.
 *
 * @throws UploadError `unknown-checksum-algorithm`; `invalid-checksum` for another form or a digest of a wrong length
 * @example parseTusChecksum('sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=').algorithm // 'sha1'
 */
export function parseTusChecksum(field: string): Checksum {
  const [, name, base64 = ''] = /^([a-z0-9_-]+) (\S+)$/.exec(field) ?? []
  if (name === undefined) throw new UploadError('invalid-checksum', 'Invalid Upload-Checksum.')
  const algorithm = tusChecksumAlgorithms.find(known => known === name)
  if (algorithm === undefined) throw new UploadError('unknown-checksum-algorithm')
  const checksum = checksumOf(algorithm, decodeBase64(base64))
  if (!checksum) throw new UploadError('invalid-checksum', 'Invalid Upload-Checksum.')
  return checksum
}
