/** From decisions to answers. The only place where a status, a header and a sentence meet. */
import { type UploadError, uploadErrors } from '../sansio/errors.ts'
import type { UploadedFile } from '../upload/types.ts'
import type { Answer } from './answer.ts'

/** Headers of every answer of ours: never sniffed, never kept. */
const common = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' } as const

/**
 * A refusal as a person can read it: one plain sentence, which Dropzone prints as it is. JSON only where the app asked
 * for it: an `Accept: application/json`, which Dropzone sends by default, must not turn the sentence into JSON.
 */
export function renderError(error: UploadError, form: 'text' | 'json'): Answer {
  const sentence = error.message || uploadErrors[error.code].text
  const type = form === 'json' ? 'application/json' : 'text/plain; charset=utf-8'
  const headers = { ...common, ...error.headers, 'Content-Type': type }
  const body = form === 'json' ? JSON.stringify({ error: sentence }) : sentence
  return { status: error.status, headers, body }
}

/** The kept files as JSON: what they are called here, never where they lie. */
export function renderFiles(
  files: readonly UploadedFile[],
  deleteUrl: (file: UploadedFile) => string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  // JSON leaves out what is undefined.
  const entry = (file: UploadedFile) => {
    const { id, name, size, type } = file
    return { id, name, size, type, deleteUrl: deleteUrl(file) }
  }
  return {
    status: 201,
    headers: { ...common, ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ files: files.map(entry) }),
  }
}

/** A page of ours: no script, no frame, styles from the same origin. */
export function renderPage(html: string): Answer {
  const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  const headers = { ...common, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy }
  return { status: 200, headers, body: html }
}

/** An answer without a body. */
export function renderEmpty(status: number, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers: { ...common, ...headers } }
}
