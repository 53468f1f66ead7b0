/**
 * Every way in which an upload can be refused: a code from one closed list, an HTTP status hint and a sentence.
 *
 * The sentences are what a person reads on the drop area, so each is one plain English sentence without paths,
 * error numbers or markup. Pure code decides by throwing an {@link UploadError}; the shell renders it.
 */

interface ErrorRow {
  /** The HTTP status that fits best; the shell may know better (problem documents, tus). */
  readonly status: number
  /** The default sentence. `{{name}}` placeholders are filled in by whoever throws. */
  readonly text: string
}

/** The closed list. The order is that of an upload's life: request, multipart, policy, resuming, download, storage, server. */
export const uploadErrors = {
  'cross-site': { status: 403, text: 'The request came from another site.' },
  unauthorized: { status: 401, text: 'A valid token is needed to upload files here.' },
  // The texts of Flask-WTF's CSRFProtect, so that what people and programs know stays true.
  'csrf-token-missing': { status: 400, text: 'The CSRF token is missing.' },
  'csrf-session-missing': { status: 400, text: 'The CSRF session token is missing.' },
  'csrf-token-expired': { status: 400, text: 'The CSRF token has expired.' },
  'csrf-token-invalid': { status: 400, text: 'The CSRF token is invalid.' },
  'csrf-tokens-do-not-match': { status: 400, text: 'The CSRF tokens do not match.' },
  'csrf-referrer-missing': { status: 400, text: 'The referrer header is missing.' },
  'csrf-referrer-mismatch': { status: 400, text: 'The referrer does not match the host.' },
  'not-found': { status: 404, text: 'Upload not found.' },
  'method-not-allowed': { status: 405, text: 'This method is not allowed here.' },
  'unsupported-media-type': { status: 415, text: 'Expected multipart/form-data.' },
  'too-many-headers': { status: 431, text: 'Too many headers.' },
  'body-consumed': { status: 500, text: 'The upload could not be read by the server.' },

  'missing-boundary': { status: 400, text: 'Missing multipart boundary.' },
  'malformed-multipart': { status: 400, text: 'Malformed multipart data.' },
  'ended-early': { status: 400, text: 'Malformed multipart data: the upload ended early.' },
  'part-header-too-long': { status: 400, text: 'Malformed multipart data: a part header is too long.' },
  'part-without-name': { status: 400, text: 'Malformed multipart data: a part has no name.' },
  'transfer-encoding-not-supported': { status: 400, text: 'Content-Transfer-Encoding is not supported.' },
  'too-many-parts': { status: 413, text: 'Too many parts.' },
  'too-many-fields': { status: 413, text: 'Too many fields.' },
  'field-too-long': { status: 413, text: 'A field is too long.' },

  'too-many-files': { status: 413, text: 'You can not upload any more files.' },
  'file-too-big': {
    status: 413,
    text: 'File is too big ({{filesize}} MiB). Max filesize: {{maxFilesize}} MiB.',
  },
  'total-too-big': { status: 413, text: 'The files are too big together. Max size of one request: {{maxTotalSize}}.' },
  'type-not-allowed': { status: 415, text: 'This file type is not allowed.' },
  'content-mismatch': { status: 415, text: "The file's content does not match its type." },
  'name-not-allowed': { status: 400, text: 'The file name is not allowed.' },
  'no-file': { status: 400, text: 'No file was uploaded.' },
  'file-empty': { status: 400, text: 'The file is empty.' },
  rejected: { status: 422, text: 'The file was rejected.' },
  'image-too-large': { status: 413, text: 'The image is too large ({{width}} x {{height}} pixels).' },
  'archive-too-big': { status: 413, text: 'The archive expands to too much data.' },
  'archive-unsafe': { status: 415, text: 'The archive has unsafe paths.' },
  'virus-found': { status: 422, text: 'The file was rejected by the virus scanner.' },
  'scanner-unavailable': { status: 503, text: 'The virus scanner is not available.' },
  'check-failed': { status: 500, text: 'The file could not be checked.' },

  'unsupported-version': { status: 412, text: 'Unsupported protocol version.' },
  'invalid-offset': { status: 400, text: 'Invalid Upload-Offset.' },
  'invalid-length': { status: 400, text: 'Invalid Upload-Length.' },
  'invalid-upload-complete': { status: 400, text: 'Invalid Upload-Complete.' },
  'invalid-upload-metadata': { status: 400, text: 'Invalid upload metadata.' },
  'invalid-concat': { status: 400, text: 'Invalid Upload-Concat.' },
  'invalid-checksum': { status: 400, text: 'Invalid checksum.' },
  'unknown-checksum-algorithm': { status: 400, text: 'Unknown checksum algorithm.' },
  // 460 is tus's own status; the IETF protocol says 400.
  'checksum-mismatch': { status: 460, text: 'The checksum does not match the received data.' },
  'digest-mismatch': { status: 400, text: 'The file does not match its digest.' },
  'offset-mismatch': { status: 409, text: 'The offset does not match the upload.' },
  'inconsistent-length': { status: 400, text: 'The lengths of the upload do not agree.' },
  'length-exceeded': { status: 413, text: 'The upload is longer than its declared length.' },
  'upload-gone': { status: 410, text: 'This upload is no longer available.' },
  'upload-final': { status: 403, text: 'A concatenated upload can not be changed.' },
  'continued-elsewhere': { status: 400, text: 'The upload was continued from somewhere else.' },
  'not-allowed': { status: 403, text: 'You are not allowed to upload this file.' },
  'invalid-chunk': { status: 400, text: 'Invalid chunk information.' },
  'chunk-conflict': { status: 409, text: 'This chunk was already uploaded with different content.' },

  'too-many-uploads': { status: 429, text: 'Too many uploads. Try again in a moment.' },
  'quota-exceeded': { status: 413, text: 'You have used all of your storage.' },

  // Downloads: conditional requests, ranges, signed links.
  'precondition-failed': { status: 412, text: 'The file is not the one that was asked for.' },
  'range-not-satisfiable': { status: 416, text: 'The file has no such part.' },
  'link-invalid': { status: 403, text: 'This link is not valid.' },
  'link-expired': { status: 403, text: 'This link has expired.' },

  'name-taken': { status: 409, text: 'A file with this name already exists.' },
  'storage-full': { status: 507, text: 'The server has no space left for this file.' },
  'storage-failed': { status: 500, text: 'The file could not be saved.' },
  'server-busy': { status: 503, text: 'The server is busy. Please try again.' },

  'too-slow': { status: 408, text: 'The upload was too slow.' },
  aborted: { status: 400, text: 'The upload was cut off.' },
  'shutting-down': { status: 503, text: 'The server is restarting. Please try again.' },
  internal: { status: 500, text: 'Something went wrong on the server.' },
} as const satisfies Record<string, ErrorRow>

/** A code from the closed list of refusals, e.g. `'type-not-allowed'`. */
export type UploadErrorCode = keyof typeof uploadErrors

/** What is known about a file while it arrives. */
export interface FileFacts {
  /** The form field it came in, e.g. `file[0]`; `''` for a raw body. */
  readonly field: string
  /** 0-based position among the files of its request. */
  readonly index: number
  /** The cleaned name, as shown to people. */
  readonly name: string
  /** Last extension in lower case with its dot, `''` if none. */
  readonly extension: string
  /** Declared MIME type, lower case without parameters, `''` if none. */
  readonly type: string
  /** Bytes, once known. */
  readonly size?: number
}

/** A file that had been saved before a later file of the same request was refused (see `files()`). */
export interface SavedFile {
  /** The name under which the storage keeps it. */
  readonly name: string
}

/** What may be given to an {@link UploadError} beside its code and sentence. */
export interface UploadErrorOptions {
  /** HTTP status, if the code's own does not fit. */
  readonly status?: number
  /** The technical reason, for the log only; never shown to a client. */
  readonly cause?: unknown
  /** Headers the answer needs, e.g. `Retry-After` in seconds, `Allow`, `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A refusal. Thrown by the library, and by your own validators and hooks.
 *
 * @example
 * throw new UploadError('type-not-allowed', 'PNG only!')   // 415, and the person reads "PNG only!"
 */
export class UploadError extends Error {
  override readonly name: string = 'UploadError'
  readonly code: UploadErrorCode
  /** HTTP status hint, 4xx or 5xx. */
  readonly status: number
  /** Headers the answer needs. */
  readonly headers: Readonly<Record<string, string>>
  /** Files of the same request that were already saved and stay (only from `files()`). */
  saved: readonly SavedFile[] = []
  /** The file that was refused, where it was one file and not the request. */
  file: FileFacts | undefined

  /**
   * @param code from the closed list
   * @param message the sentence to show; the code's default sentence when omitted
   */
  constructor(code: UploadErrorCode, message?: string, options: UploadErrorOptions = {}) {
    const row: ErrorRow = uploadErrors[code]
    super(message ?? row.text, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? row.status
    this.headers = options.headers ?? {}
  }
}

/** Whether `error` is a refusal in words (also one from another copy of this package). */
export function isUploadError(error: unknown): error is UploadError {
  return (
    error instanceof Error && 'code' in error && Object.hasOwn(uploadErrors, String(error.code)) && 'status' in error
  )
}

/**
 * A request that failed the check against cross-site request forgery. `description` is the sentence, as in Flask-WTF.
 *
 * @example
 * app.use((error, req, res, next) =>
 *   error instanceof CsrfError ? res.status(400).type('text').send(error.description) : next(error))
 */
export class CsrfError extends UploadError {
  override readonly name = 'CsrfError'

  /** The sentence to show, e.g. `The CSRF token has expired.` */
  get description(): string {
    return this.message
  }
}
