/**
 * The policy's verdicts. Each returns a refusal, or undefined; the pipeline asks first on declared facts, before a byte
 * is stored, and again on measured ones, before a file is finished. The sentence is the page's own.
 */
import { fileTooBigText, formatSize } from '../bytes/size.ts'
import { UploadError, uploadErrors } from '../errors.ts'
import type { Messages } from '../messages.ts'
import { isAccepted } from './accept.ts'
import type { Policy } from './define.ts'

/** What a client says about a file before its bytes come. */
export interface DeclaredFile {
  /** The cleaned name. */
  readonly name: string
  /** MIME type as declared, `''` if none. */
  readonly type: string
  /** Bytes, if declared. */
  readonly size?: number | undefined
}

/** What has been counted of a file. */
export interface MeasuredFile {
  /** Bytes so far. */
  readonly size: number
  /** Whether these are all of them. */
  readonly final: boolean
  /** Bytes that the whole file is said to have, for the sentence. */
  readonly expected?: number | undefined
}

/**
 * The verdict on declared facts, in the order of Dropzone: size, then type.
 *
 * @returns `file-too-big`, `file-empty` or `type-not-allowed`
 * @example checkDeclared(policy, { name: 'a.exe', type: '', size: 12 }, messages)?.message // 'This file type is not allowed.'
 */
export function checkDeclared(policy: Policy, file: DeclaredFile, messages: Messages): UploadError | undefined {
  const size = file.size === undefined ? undefined : checkSize(policy, { size: file.size, final: true }, messages)
  if (size) return size
  const accepted = isAccepted(policy.accept, file) && isAccepted(policy.within ?? [], file)
  return accepted ? undefined : new UploadError('type-not-allowed', messages.invalidFileType)
}

/**
 * The verdict on the number of files of one request.
 *
 * @param count files of the request, this one included
 * @returns `too-many-files`
 */
export function checkCount(policy: Policy, count: number, messages: Messages): UploadError | undefined {
  if (count <= policy.maxFiles) return undefined
  return new UploadError(
    'too-many-files',
    messages.maxFilesExceeded.replaceAll('{{maxFiles}}', String(policy.maxFiles)),
  )
}

/**
 * The verdict on a file's size, at any point of its transfer. While it runs, the sentence names the size announced, or
 * else "more than" the limit.
 *
 * @returns `file-too-big` or, at the end only, `file-empty`
 */
export function checkSize(policy: Policy, file: MeasuredFile, messages: Messages): UploadError | undefined {
  if (file.final && file.size === 0 && !policy.emptyFiles) return new UploadError('file-empty')
  if (file.size <= policy.maxFileSize) return undefined
  const announced = file.expected !== undefined && file.expected > file.size ? file.expected : undefined
  const size = file.final ? file.size : announced
  return new UploadError('file-too-big', fileTooBigText(messages.fileTooBig, size, policy.maxFileSize))
}

/**
 * The verdict on all files of one request together.
 *
 * @param total bytes so far, or as declared
 * @returns `total-too-big`
 */
export function checkTotal(policy: Policy, total: number): UploadError | undefined {
  if (total <= policy.maxTotalSize) return undefined
  const text = uploadErrors['total-too-big'].text.replace('{{maxTotalSize}}', formatSize(policy.maxTotalSize))
  return new UploadError('total-too-big', text)
}
