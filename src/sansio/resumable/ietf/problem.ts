/** Refusals as problem documents (RFC 9457; draft -11, section "Problem Types"). */
import type { UploadError, UploadErrorCode } from '../../errors.ts'
import { formatBoolean } from '../../headers/structured.ts'
import { OffsetMismatch } from '../errors.ts'
import type { Reply } from '../intent.ts'
import type { IetfContext } from './context.ts'
import { formatLimits } from './limit.ts'

const registry = 'https://iana.org/assignments/http-problem-types#'

/**
 * Refusals of the file itself. They are the final answer, so they are marked `Upload-Complete: ?1`, which tells a
 * client that resuming would not help.
 */
const verdicts: readonly UploadErrorCode[] = [
  'too-many-files',
  'file-too-big',
  'total-too-big',
  'type-not-allowed',
  'name-not-allowed',
  'no-file',
  'file-empty',
  'rejected',
  'name-taken',
  'digest-mismatch',
  'not-allowed',
]

/** Where tus has statuses of its own. */
const statuses: Partial<Record<UploadErrorCode, number>> = { 'checksum-mismatch': 400, 'length-exceeded': 400 }

/**
 * A refusal as `application/problem+json`.
 *
 * @example replyProblem(new OffsetMismatch(12, 24), context).status // 409
 */
export function replyProblem(error: UploadError, { capabilities, interop }: IetfContext): Reply {
  const status = statuses[error.code] ?? error.status
  return {
    status,
    headers: {
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json',
      'X-Content-Type-Options': 'nosniff',
      ...completenessOf(error),
      // "Limits": a 413 must tell them.
      ...(status === 413 && { 'Upload-Limit': formatLimits(capabilities, capabilities.maxAge, interop) }),
      ...error.headers,
    },
    body: JSON.stringify({ ...typeOf(error), status, detail: error.message, ...membersOf(error) }),
  }
}

function typeOf({ code }: UploadError): Record<string, string> {
  switch (code) {
    case 'offset-mismatch':
      return { type: `${registry}mismatching-upload-offset`, title: 'Mismatching Upload Offset' }
    case 'inconsistent-length':
    case 'length-exceeded':
      return { type: `${registry}inconsistent-upload-length`, title: 'Inconsistent Upload Length Values' }
    default:
      return {}
  }
}

function membersOf(error: UploadError): Record<string, number> {
  if (!(error instanceof OffsetMismatch)) return {}
  return { 'expected-offset': error.expected, 'provided-offset': error.provided }
}

function completenessOf({ code }: UploadError): Record<string, string> {
  if (code === 'offset-mismatch') return { 'Upload-Complete': formatBoolean(false) }
  return verdicts.includes(code) ? { 'Upload-Complete': formatBoolean(true) } : {}
}
