/** The first record of an upload, from what its sender asks for. */
import { encodeBase64Url } from '../sansio/bytes/base64url.ts'
import type { Checksum } from '../sansio/resumable/intent.ts'
import type { BeginUpload } from './resumable-settings.ts'
import type { UploadContext } from './types.ts'

/** All of a record but the time of its last use. */
export function newRecord(id: string, begin: BeginUpload, context: UploadContext) {
  const { owner, field = '', filename, type, length, metadata = {}, partial, concat } = begin
  return {
    version: 2,
    id,
    owner,
    field,
    filename,
    type,
    ...(length === undefined ? {} : { length, reserved: true as const }),
    offset: 0,
    metadata,
    fields: [...context.fields],
    ...(partial && { partial }),
    ...(concat !== undefined && { concat }),
    ...digestsOf(begin),
    state: 'open',
  } as const
}

/** What was said of the digest of all bytes, as the record keeps it. */
export function digestsOf({ digest, want }: { readonly digest?: Checksum; readonly want?: BeginUpload['want'] }) {
  return {
    ...(digest && { digest: { algorithm: digest.algorithm, base64url: encodeBase64Url(digest.digest) } }),
    ...(want && { want }),
  }
}
