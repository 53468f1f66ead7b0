/** `Upload-Metadata` (tus 1.0.0, "Creation", Upload-Metadata). */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { UploadError } from '../errors.ts'
import { trimSpace } from '../headers/parameters.ts'

/** Longest field we read, in characters. */
const maxMetadataLength = 8192

/**
 * Reads metadata: pairs of a key and a base64 value, split by commas. A value may be missing.
 *
 * @param field the field's value; `null` and `''` are no metadata
 * @returns the values as text, by key
 * @throws UploadError `invalid-upload-metadata` for more than 8 KiB, a key twice, a key with anything but visible ASCII,
 * a value that is not base64 with padding, not UTF-8, or that has a control character
 * @example parseMetadata('filename YS50eHQ=,secret').get('filename') // 'a.txt'
 */
export function parseMetadata(field: string | null): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  if (field === null || trimSpace(field) === '') return metadata
  if (field.length > maxMetadataLength) throw new UploadError('invalid-upload-metadata')
  for (const pair of field.split(',')) {
    const match = /^([!-+\--~]+)(?: ([^ ]*))?$/.exec(trimSpace(pair))
    const value = match && decodeText(match[2] ?? '')
    if (value === undefined || value === null || metadata.has(match?.[1] as string)) {
      throw new UploadError('invalid-upload-metadata')
    }
    metadata.set(match?.[1] as string, value)
  }
  return metadata
}

/**
 * Writes metadata as a header, safe for any text: what is not a key's letters or base64 can not come out.
 * @example formatMetadata(new Map([['filename', 'a.txt']])) // 'filename YS50eHQ='
 */
export function formatMetadata(metadata: ReadonlyMap<string, string>): string {
  return [...metadata]
    .map(([key, value]) => (value === '' ? key : `${key} ${encodeBase64(encodeUtf8(value))}`))
    .join(',')
}

/** The text of a base64 value, or undefined when it is not one that people could have written. */
function decodeText(base64: string): string | undefined {
  const bytes = decodeBase64(base64)
  if (!bytes) return undefined
  const text = decodeUtf8(bytes)
  // Bad bytes became U+FFFD, which does not encode to what they were.
  const again = encodeUtf8(text)
  const same = again.length === bytes.length && again.every((byte, i) => byte === bytes[i])
  return same && !/[\x00-\x1f\x7f]/.test(text) ? text : undefined
}
