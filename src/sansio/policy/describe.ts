/** The policy's three faces: for Dropzone, for a plain form, for people. */
import { formatSize } from '../bytes/size.ts'
import type { Messages } from '../messages.ts'
import type { Policy } from './define.ts'
import { extensionOfType } from './types.ts'

/** One policy, described once. Plain data: fit for JSON. */
export interface PolicyDescription {
  /** Options by Dropzone's names. */
  readonly dropzone: {
    /** MiB, fractions kept, so that page and server draw the line at the same byte; null: no limit. */
    readonly maxFilesize: number | null
    /** Entries joined by commas; null: everything. */
    readonly acceptedFiles: string | null
    /** On the page it counts all files of the drop area; null: no limit. */
    readonly maxFiles: number | null
    readonly dictDefaultMessage: string
    readonly dictFallbackMessage: string
    readonly dictFallbackText: string
    readonly dictFileTooBig: string
    readonly dictInvalidFileType: string
    readonly dictThumbnailError: string
    readonly dictResponseError: string
    readonly dictCancelUpload: string
    readonly dictUploadCanceled: string
    readonly dictCancelUploadConfirmation: string
    readonly dictRemoveFile: string
    readonly dictRemoveFileConfirmation: string | null
    readonly dictMaxFilesExceeded: string
  }
  /** For `<input accept>`; `''`: everything. */
  readonly accept: string
  /** The limits in words; "at a time" means: in one request. */
  readonly sentence: string
}

/**
 * Describes a policy for the page.
 *
 * @example describePolicy(definePolicy({ accept: 'image/*, .pdf', maxFileSize: '50 MiB', maxFiles: 30 }), defaultMessages).sentence
 * // 'Images and .pdf files, up to 50 MiB each, at most 30 at a time.'
 */
export function describePolicy(policy: Policy, messages: Messages): PolicyDescription {
  const accept = policy.accept.join(',')
  return {
    dropzone: {
      maxFilesize: finite(policy.maxFileSize / 1024 ** 2),
      acceptedFiles: accept || null,
      maxFiles: finite(policy.maxFiles),
      dictDefaultMessage: messages.defaultMessage,
      dictFallbackMessage: messages.browserUnsupported,
      dictFallbackText: messages.fallbackText,
      dictFileTooBig: messages.fileTooBig,
      dictInvalidFileType: messages.invalidFileType,
      dictThumbnailError: messages.thumbnailError,
      dictResponseError: messages.serverError,
      dictCancelUpload: messages.cancelUpload,
      dictUploadCanceled: messages.uploadCanceled,
      dictCancelUploadConfirmation: messages.cancelConfirmation,
      dictRemoveFile: messages.removeFile,
      dictRemoveFileConfirmation: messages.removeConfirmation,
      dictMaxFilesExceeded: messages.maxFilesExceeded,
    },
    accept,
    sentence: sentenceOf(policy),
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function sentenceOf(policy: Policy): string {
  const parts = [kindsOf(policy.accept)]
  if (policy.maxFileSize !== Infinity) parts.push(`up to ${formatSize(policy.maxFileSize)} each`)
  const together = []
  if (policy.maxFiles === 1) parts.push('one at a time')
  else if (policy.maxFiles !== Infinity) together.push(policy.maxFiles)
  if (policy.maxTotalSize !== Infinity) together.push(formatSize(policy.maxTotalSize))
  if (together.length > 0) parts.push(`at most ${together.join(' and ')} at a time`)
  return `${parts.join(', ')}.${policy.emptyFiles ? '' : ' Empty files are refused.'}`
}

const groups: Readonly<Record<string, string>> = {
  'image/*': 'images',
  'audio/*': 'audio files',
  'video/*': 'videos',
  'text/*': 'text files',
  'font/*': 'fonts',
  'model/*': '3D models',
}

/** "Images, audio files and .pdf files". */
function kindsOf(accept: readonly string[]): string {
  if (accept.length === 0) return 'Files of any type'
  const kinds = accept.flatMap(entry => groups[entry] ?? [])
  const others = accept.filter(entry => groups[entry] === undefined).map(entry => extensionOfType(entry) ?? entry)
  const words = listed([...kinds, ...new Set(others)])
  const sentence = others.length > 0 ? `${words} files` : words
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words.join('')
}
