/** From decisions to answers. The only place where a status, a header and a sentence meet. */
import { type UploadError, uploadErrors } from '../sansio/errors.ts'
import type { UploadedFile } from '../upload/types.ts'

/** The text of answers that are nothing but a short text. */
const texts = new WeakMap<Response, string>()

function textResponse(text: string, init: ResponseInit): Response {
  const response = new Response(text, init)
  texts.set(response, text)
  return response
}

/**
 * The text of one of our answers, if that is all there is to it: whoever writes it to a socket need not open its stream,
 * which costs a small upload as much as its file does. Undefined for every other answer, and where the body was read.
 */
export function textOfResponse(response: Response): string | undefined {
  return response.bodyUsed ? undefined : texts.get(response)
}

/** Headers of every answer of ours: never sniffed, never kept. */
const common = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' } as const

/**
 * A refusal as a person can read it: one plain sentence, which Dropzone prints as it is. JSON only where the app asked
 * for it: an `Accept: application/json`, which Dropzone sends by default, must not turn the sentence into JSON.
 */
export function renderError(error: UploadError, form: 'text' | 'json'): Response {
  const sentence = error.message || uploadErrors[error.code].text
  const type = form === 'json' ? 'application/json' : 'text/plain; charset=utf-8'
  const headers = { ...common, ...error.headers, 'Content-Type': type }
  const body = form === 'json' ? JSON.stringify({ error: sentence }) : sentence
  return textResponse(body, { status: error.status, headers })
}

/** The kept files as JSON: what they are called here, never where they lie. */
export function renderFiles(
  files: readonly UploadedFile[],
  deleteUrl: (file: UploadedFile) => string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response {
  // JSON leaves out what is undefined.
  const entry = (file: UploadedFile) => {
    const { id, name, size, type } = file
    return { id, name, size, type, deleteUrl: deleteUrl(file) }
  }
  const body = { files: files.map(entry) }
  return textResponse(JSON.stringify(body), {
    status: 201,
    headers: { ...common, ...headers, 'Content-Type': 'application/json' },
  })
}

/** A page of ours: no script, no frame, styles from the same origin. */
export function renderPage(html: string): Response {
  const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  return textResponse(html, {
    headers: { ...common, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy },
  })
}

/** An answer without a body. */
export function renderEmpty(status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { ...common, ...headers } })
}
