/** From a request to parts: everything that can be refused before a byte is read, then the dialect's reader. */

import { binaryName, readBinary } from '../protocols/binary.ts'
import { fieldBudget, readForm } from '../protocols/form.ts'
import { UploadError } from '../sansio/errors.ts'
import type { Messages } from '../sansio/messages.ts'
import { boundaryOf } from '../sansio/multipart/boundary.ts'
import { defaultMultipartLimits, type MultipartLimits, multipartLimits } from '../sansio/multipart/limits.ts'
import { checkSize, checkTotal, type Policy } from '../sansio/policy/policy.ts'
import type { PartHandlers } from '../upload/parts.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'

/** Node drops header lines past this count without a word (`maxHeadersCount`), Content-Length included. */
const defaultMaxHeaderCount = 1_000

/** The rules an intake follows. */
export interface IntakeRules {
  readonly policy: Policy
  readonly messages: Messages
}

/**
 * Reads the uploads of a request, whatever its dialect, and feeds them to the handlers.
 *
 * @throws UploadError at once, before the first byte: `too-many-headers`, `unsupported-media-type`,
 * `missing-boundary`, `malformed-multipart`, `file-too-big`, `total-too-big`; later whatever reader and handlers throw
 */
export function readUploads(
  request: IncomingRequest,
  context: RequestContext,
  rules: IntakeRules,
  handlers: PartHandlers,
): Promise<void> {
  if ((context.rawHeaderCount ?? 0) >= (context.maxHeaderCount ?? defaultMaxHeaderCount)) {
    throw new UploadError('too-many-headers')
  }
  const length = contentLength(request)
  const contentType = request.headers.get('content-type') ?? ''
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type.startsWith('multipart/')) {
    const boundary = boundaryOf(contentType)
    if (length !== undefined) refuseByLength(length, true, rules)
    const onBytes = (received: number) => refuseByLength(received, false, rules)
    return readForm(request.body, boundary, formLimits(rules.policy), handlers, length, onBytes)
  }
  const filename = type === 'application/x-www-form-urlencoded' ? undefined : binaryName(request)
  if (filename === undefined) throw new UploadError('unsupported-media-type')
  const file = { filename, type: type === 'application/octet-stream' ? '' : type }
  return readBinary(request.body, length === undefined ? file : { ...file, size: length }, handlers)
}

const limitsOfForms = new WeakMap<Policy, MultipartLimits>()

/** What a form may cost under a policy. */
function formLimits(policy: Policy): MultipartLimits {
  const known = limitsOfForms.get(policy)
  if (known) return known
  const { maxFields, maxFieldSize, maxFiles } = policy
  // Whoever allows thousands of files by name means it; without a limit of files that of parts stands.
  const { maxParts } = defaultMultipartLimits
  const parts = Number.isFinite(maxFiles) && maxFiles > maxParts ? maxFiles + maxParts : maxParts
  const limits = multipartLimits({ maxFields, maxFieldSize, maxParts: parts })
  limitsOfForms.set(policy, limits)
  return limits
}

/** Content-Length as bytes; undefined for chunked bodies and for nonsense. */
function contentLength(request: IncomingRequest): number | undefined {
  const value = request.headers.get('content-length')
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/**
 * Refuses a form whose length alone says that it breaks the policy. What may surround the files (heads, fields) is
 * granted in full, so nothing good is ever lost here; the exact check follows byte by byte.
 *
 * @param final whether these are all bytes, or those so far
 */
function refuseByLength(length: number, final: boolean, { policy, messages }: IntakeRules): void {
  const { maxParts, maxHeaderSize, maxPreamble } = defaultMultipartLimits
  const surroundings = fieldBudget * policy.maxFieldSize + maxParts * maxHeaderSize + maxPreamble
  const files = policy.maxFiles * policy.maxFileSize
  if (length <= Math.min(policy.maxTotalSize, files) + surroundings) return
  // Of several files nobody knows yet which one is too big.
  const refusal =
    policy.maxFiles === 1
      ? checkSize(policy, { size: length, final }, messages)
      : checkTotal({ ...policy, maxTotalSize: Math.min(policy.maxTotalSize, files) }, length)
  if (refusal) throw refusal
}
