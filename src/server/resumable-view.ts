/** What both dialects tell of an upload. */
import { decodeBase64Url } from '../sansio/bytes/base64url.ts'
import type { FinalAnswer, ResumableView } from '../sansio/resumable/intent.ts'
import type { ResumableRecord } from '../upload/resumable-record.ts'
import type { ResumableSurroundings } from './resumable-surroundings.ts'

/** An upload as its answers show it. */
export function viewOf(record: ResumableRecord, at: ResumableSurroundings): ResumableView {
  const { uploads } = at
  const { id, offset, length, state, partial, metadata, concat } = record
  return {
    location: uploadUrl(at, id),
    offset,
    length,
    complete: state === 'complete' || (partial === true && offset === length),
    metadata: new Map(Object.entries(metadata)),
    ...(state === 'open' && { expires: uploads.ends(record) }),
    ...(concat === 'partial' && { concat: { kind: 'partial' } as const }),
    ...(concat !== undefined &&
      concat !== 'partial' && { concat: { kind: 'final', parts: [], field: concat } as const }),
  }
}

/** The URL of an upload as clients are told it. */
export function uploadUrl(
  { path, publicUrl = '' }: { readonly path: string; readonly publicUrl?: string | undefined },
  id: string,
): string {
  return `${publicUrl}${path}/${id}`
}

/** What a form upload of the same file would have been answered; the same each time. */
export function answerOf({ file, told }: ResumableRecord): FinalAnswer {
  const { tag: _tag, ...entry } = file ?? {}
  const headers = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' }
  const digest = told && decodeBase64Url(told.base64url)
  return {
    status: 201,
    headers,
    body: JSON.stringify({ files: [entry] }),
    file: asciiJson(entry),
    ...(told && digest && { reprDigest: { algorithm: told.algorithm, digest } }),
  }
}

/** JSON as a header can carry it. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
