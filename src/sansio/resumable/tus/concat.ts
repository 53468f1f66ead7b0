/** `Upload-Concat` (tus 1.0.0, "Concatenation"). */
import { UploadError } from '../../errors.ts'
import { uploadIdPattern } from '../fields.ts'
import type { Concat } from '../intent.ts'

/** Most partial uploads of one final upload. */
const maxParts = 1000

/** Where uploads live, to tell our own URLs from others. */
export interface UploadSpace {
  /** The endpoint's path, e.g. `/uploads`. */
  readonly basePath: string
  /** Every origin that is this server, e.g. `https://example.com`, lower case. */
  readonly origins: readonly string[]
}

/**
 * Reads a concatenation: `partial`, or `final;` and the URLs of the parts.
 *
 * @returns undefined when the field is absent
 * @throws UploadError `invalid-concat` for another form, no part, more than 1,000, or a URL that is not that of an
 * upload of ours: paths and absolute URLs under `basePath` are, without dot segments, escapes, query or fragment
 * @example parseConcat('partial', space) // { kind: 'partial' }
 */
export function parseConcat(field: string | null, space: UploadSpace): Concat | undefined {
  if (field === null) return undefined
  if (field === 'partial') return { kind: 'partial' }
  const match = /^final; ?(\S.*)$/.exec(field)
  const urls = match ? (match[1] as string).split(' ', maxParts + 1) : []
  if (urls.length === 0 || urls.length > maxParts) throw new UploadError('invalid-concat')
  return { kind: 'final', parts: urls.map(url => partId(url, space)), field }
}

function partId(url: string, { basePath, origins }: UploadSpace): string {
  const [, host, path] = /^(?:https?:\/\/([^/]+))?(\/.*)$/i.exec(url) ?? []
  const id = path?.startsWith(`${basePath}/`) ? path.slice(basePath.length + 1) : ''
  // Behind a proxy that ends TLS, clients say https where this server believes in http. Only the host tells.
  const ours = host === undefined || origins.some(origin => origin.replace(/^https?:\/\//, '') === host.toLowerCase())
  if (!ours || !uploadIdPattern.test(id)) throw new UploadError('invalid-concat')
  return id
}
