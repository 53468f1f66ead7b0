/** What is answered to a request for a file: decided here, done by the shell. */
import { listsEtag } from '../headers/etag.ts'
import { parseHttpDate } from '../headers/http-date.ts'
import { type ByteRange, parseRange } from './range.ts'

/** What the head of a request says. */
export interface DownloadHead {
  readonly method: string
  readonly headers: { get(name: string): string | null }
}

/** What tells the versions of a file apart. */
export interface FileVersion {
  /** Bytes. */
  readonly size: number
  /** A strong entity tag, where there is one. */
  readonly etag: string | undefined
  /** Milliseconds since 1970; the part of a second does not count. */
  readonly modified: number
}

/** The status of the answer; with 206 the part that is meant. */
export type DownloadPlan =
  | { readonly status: 200 | 304 | 412 | 416 }
  | { readonly status: 206; readonly range: ByteRange }

/**
 * Decides over a GET or HEAD of a file that is there, by the order of section 13.2.2: `If-Match`, else
 * `If-Unmodified-Since`; then `If-None-Match`, else `If-Modified-Since`; then `Range`, if `If-Range` lets it.
 *
 * A date in `If-Range` gets the whole file: of two files within one second it cannot tell which is meant (section
 * 13.1.5 wants a strong validator), and the whole is never wrong.
 *
 * Source: RFC 9110 sections 13.1, 13.2.2 and 14.2.
 */
export function planDownload({ method, headers }: DownloadHead, file: FileVersion): DownloadPlan {
  const ifMatch = headers.get('if-match')
  if (ifMatch !== null) {
    if (!listsEtag(ifMatch, file.etag, 'strong')) return { status: 412 }
  } else if (isModifiedSince(file, headers.get('if-unmodified-since')) === true) return { status: 412 }

  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== null) {
    if (listsEtag(ifNoneMatch, file.etag, 'weak')) return { status: 304 }
  } else if (isModifiedSince(file, headers.get('if-modified-since')) === false) return { status: 304 }

  const ifRange = headers.get('if-range')
  const isWanted = ifRange === null || (file.etag !== undefined && ifRange.trim() === file.etag)
  // A range is defined for GET alone.
  const range = method === 'GET' && isWanted ? parseRange(headers.get('range'), file.size) : 'whole'
  if (range === 'whole') return { status: 200 }
  return range === 'unsatisfiable' ? { status: 416 } : { status: 206, range }
}

/** Undefined where there is no date, or none that can be read: such a field counts for nothing. */
function isModifiedSince({ modified }: FileVersion, field: string | null): boolean | undefined {
  const date = field === null ? undefined : parseHttpDate(field.trim())
  return date === undefined ? undefined : Math.floor(modified / 1000) * 1000 > date
}
