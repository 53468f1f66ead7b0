/** Files going out: saved by the browser, or shown where they cannot run anything; never a page of this origin. */

import { harmlessType } from '../sansio/download/media-type.ts'
import { planDownload } from '../sansio/download/plan.ts'
import type { ByteRange } from '../sansio/download/range.ts'
import { UploadError } from '../sansio/errors.ts'
import { extensionOf } from '../sansio/filename.ts'
import { formatDisposition } from '../sansio/headers/attachment.ts'
import { formatEtag } from '../sansio/headers/etag.ts'
import { formatHttpDate } from '../sansio/headers/http-date.ts'
import type { ReadableFile, Storage } from '../upload/ports.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import { notAllowed } from './not-allowed.ts'

/** How a file is given out. */
export interface DownloadOptions {
  /**
   * Show it in the browser where its type is harmless: pictures made of pixels, sound, film, plain text, by the extension
   * of its stored name. Everything else, HTML, SVG and PDF among it, is saved all the same. Default false: all are saved.
   */
  readonly inline?: boolean
  /** The name under which it is saved, e.g. `originalName` of an upload with a random name. Default its stored name. */
  readonly filename?: string
}

/**
 * Whatever the bytes are, a browser neither guesses at them nor runs them: no script, no plug-in, no form, an origin of
 * its own, and no other site may embed them.
 */
const harmlessHeaders = {
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  // The URL itself may be the right to read the file.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'private, no-cache',
} as const

/**
 * Answers GET and HEAD of a stored file: the whole, a part of it, or that it has not changed.
 *
 * @param name as the storage knows it; never a path
 * @param now milliseconds since 1970
 * @throws UploadError `not-found`, `method-not-allowed`, `precondition-failed`, `range-not-satisfiable`, those of the storage
 */
export async function answerDownload(
  request: Pick<IncomingRequest, 'method' | 'headers'>,
  storage: Pick<Storage, 'read'>,
  name: string,
  options: DownloadOptions,
  now: number,
): Promise<Answer> {
  if (!['GET', 'HEAD'].includes(request.method)) throw notAllowed('GET, HEAD')
  if (!storage.read) throw new UploadError('internal', undefined, { cause: new Error('the storage cannot read files') })
  const file = await storage.read(name)
  if (!file) throw new UploadError('not-found', 'Not found.')
  try {
    return answer(request, file, options, now)
  } catch (error) {
    await file.body.cancel()
    throw error
  }
}

function answer(
  request: Pick<IncomingRequest, 'method' | 'headers'>,
  file: ReadableFile,
  options: DownloadOptions,
  now: number,
): Answer {
  const { size, modified, tag } = file
  const etag = tag === undefined ? undefined : formatEtag(tag)
  const plan = planDownload(request, { size, etag, modified })
  if (plan.status === 412) throw new UploadError('precondition-failed')
  if (plan.status === 416 && file.slice) {
    throw new UploadError('range-not-satisfiable', undefined, { headers: { 'Content-Range': `bytes */${size}` } })
  }
  const version = {
    ...harmlessHeaders,
    // Neither before 1970, which HTTP's own servers need not know, nor after the answer (RFC 9110 section 8.8.2.1).
    'Last-Modified': formatHttpDate(Math.max(0, Math.min(modified, now))),
    ...(etag !== undefined && { ETag: etag }),
  }
  if (plan.status === 304) return withoutBody(file, 304, version)
  const headers = { ...version, ...contentHeaders(file, options) }
  if (plan.status === 206 && file.slice)
    return part(file, file.slice(plan.range.start, plan.range.end), plan.range, headers)
  const whole = { ...headers, 'Content-Length': String(size) }
  return request.method === 'HEAD' ? withoutBody(file, 200, whole) : { status: 200, headers: whole, body: file.body }
}

function contentHeaders(file: ReadableFile, { inline, filename }: DownloadOptions): Record<string, string> {
  const type = harmlessType(extensionOf(file.name))
  const disposition = inline && type !== undefined ? 'inline' : 'attachment'
  return {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Disposition': formatDisposition(disposition, filename ?? file.name),
    ...(file.slice && { 'Accept-Ranges': 'bytes' }),
  }
}

function part(
  file: ReadableFile,
  body: ReadableStream<Uint8Array>,
  { start, end }: ByteRange,
  headers: Record<string, string>,
): Answer {
  release(file)
  const own = { 'Content-Range': `bytes ${start}-${end - 1}/${file.size}`, 'Content-Length': String(end - start) }
  return { status: 206, headers: { ...headers, ...own }, body }
}

function withoutBody(file: ReadableFile, status: number, headers: Record<string, string>): Answer {
  release(file)
  return { status, headers }
}

/** Nobody will read the body; it was never opened, so nothing can fail that anybody would want to know of. */
function release({ body }: ReadableFile): void {
  body.cancel().catch(() => {})
}
