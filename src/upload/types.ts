/** The words of the pipeline: facts of a file, context, hooks. */
import type { FileFacts, UploadError } from '../sansio/errors.ts'
import type { FormFields } from './parts.ts'
import type { IncomingRequest } from './request.ts'

export type { FileFacts }

/** What a validator sees. */
export interface CandidateFile extends FileFacts {
  /** Bytes seen so far: all of them if the file is shorter than `head`. */
  readonly received: number
  /** The first bytes, at most 4 KiB. */
  readonly head: Uint8Array
}

/** The surroundings of an upload. */
export interface UploadContext {
  readonly request: IncomingRequest
  /** The form fields that came before this file. */
  readonly fields: FormFields
}

/** A stored file. */
export interface UploadedFile extends FileFacts {
  readonly id: string
  /** The name the storage gave it. */
  readonly name: string
  /** The cleaned name it came with. */
  readonly originalName: string
  readonly size: number
  /** Where it lies on this machine, if the storage can say. */
  readonly path?: string
  /** Tells this very file from a later one of the same name, for `storage.delete(name, tag)`. */
  readonly tag?: string
}

/** Own check; throws (an `UploadError` with a sentence for the person) to refuse. */
export type Validator = (file: CandidateFile, context: UploadContext) => void | Promise<void>

/** `'original'`: the cleaned name; `'random'`: 32 hex digits and the extension; or a function. */
export type Naming = 'original' | 'random' | ((file: FileFacts, context: UploadContext) => string | Promise<string>)

/** What the app is told of uploads. A promise is waited for; what the first two throw refuses, what the last throws is logged. */
export interface Hooks {
  /** Before a byte is stored. Throw to refuse. */
  readonly onUploadCreate?: (file: FileFacts, context: UploadContext) => void | Promise<void>
  /** After the file is durable and before the answer. */
  readonly onUploadFinish?: (file: UploadedFile, context: UploadContext) => void | Promise<void>
  /** After a refusal. `error.file` is the file it was about; undefined when the request itself was refused. */
  readonly onUploadReject?: (error: UploadError, request: IncomingRequest) => void | Promise<void>
}
