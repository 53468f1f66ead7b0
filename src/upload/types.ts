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

/** What an inspector sees: all of a file, before anybody else can. */
export interface InspectedFile extends FileFacts {
  readonly size: number
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** All bytes, in pieces of at most 1 MiB. */
  stream(): AsyncGenerator<Uint8Array, void, undefined>
}

/** The surroundings of an inspection. */
export interface InspectContext extends UploadContext {
  /** Aborts when the inspector's time is up: nobody waits for it any more. */
  readonly signal: AbortSignal
}

/**
 * Looks through a whole file after its last byte and before it becomes one; throws (an `UploadError` with a sentence for
 * the person) to refuse. Whatever else it throws, and when it takes too long, the file is refused as `check-failed`.
 *
 * @example
 * const noCats: Inspector = {
 *   inspect: async file => {
 *     if (await isCat(file.stream())) throw new UploadError('rejected', 'No cats, please.')
 *   },
 * }
 */
export interface Inspector {
  inspect(file: InspectedFile, context: InspectContext): void | Promise<void>
  /** Milliseconds that one file may take. Default 5,000. */
  readonly timeLimit?: number
}

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
