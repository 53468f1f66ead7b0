/** `Upload-Metadata` (tus 1.0.0, "Creation", Upload-Metadata). */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { UploadError } from '../errors.ts'
import { trimSpace } from '../headers/parameters.ts'

/** What clients call the file's name and type, which end in headers, logs and folders. */
const fileKeys: ReadonlySet<string> = new Set(['filename', 'name', 'filetype', 'type'])

const anyControl = /[\x00-\x1f\x7f]/
/** All but tab, line feed and carriage return. */
const hiddenControl = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/

/** Longest field we read, in characters. */
const maxMetadataLength = 8192

/**
 * Reads metadata: pairs of a key and a base64 value, split by commas. A value may be missing.
 *
 * @param field the field's value; `null` and `''` are no metadata
 * @returns the values as text, by key
 * @throws UploadError `invalid-upload-metadata` for more than 8 KiB, a key twice, a key with anything but visible ASCII,
 * a value that is not base64 with padding, not UTF-8, or that has a control character. Tabs and line breaks pass in what
 * is neither name nor type of the file: a caption may have them, as the field of a form may.
 * @example parseMetadata('filename YS50eHQ=,secret').get('filename') // 'a.txt'
 */
export function parseMetadata(field: string | null): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>()
  if (field === null || trimSpace(field) === '') return metadata
  if (field.length > maxMetadataLength) throw new UploadError('invalid-upload-metadata')
  for (const pair of field.split(',')) {
    const [, key = '', base64 = ''] = /^([!-+\--~]+)(?: ([^ ]*))?$/.exec(trimSpace(pair)) ?? []
    const value = decodeText(base64)
    const isPlain = value !== undefined && !(fileKeys.has(key) ? anyControl : hiddenControl).test(value)
    if (key === '' || !isPlain || metadata.has(key)) throw new UploadError('invalid-upload-metadata')
    metadata.set(key, value)
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

/** The text of a base64 value; undefined when it is none. */
function decodeText(base64: string): string | undefined {
  const bytes = decodeBase64(base64)
  if (!bytes) return undefined
  const text = decodeUtf8(bytes)
  // Bad bytes became U+FFFD, which does not encode to what they were.
  const again = encodeUtf8(text)
  const same = again.length === bytes.length && again.every((byte, i) => byte === bytes[i])
  return same ? text : undefined
}
