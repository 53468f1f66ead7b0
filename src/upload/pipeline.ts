/** What all transactions of an engine share, and the small steps that every protocol's uploads go through. */
import { type FileFacts, isUploadError, UploadError } from '../sansio/errors.ts'
import { cleanFilename, extensionOf, randomFilename } from '../sansio/filename.ts'
import type { Messages } from '../sansio/messages.ts'
import { essenceOf, type Policy } from '../sansio/policy/policy.ts'
import type { Storage, StoredFile } from './ports.ts'
import type { Hooks, Inspector, Naming, UploadContext, UploadedFile, Validator } from './types.ts'

/** What the pipeline is made of; the same for all requests of one engine. */
export interface Pipeline extends Pick<Hooks, 'onUploadCreate' | 'onUploadFinish'> {
  readonly storage: Storage
  /** May become narrower for one request once its page is known, and before its first file. */
  policy: Policy
  readonly messages: Messages
  readonly naming: Naming
  readonly validate: Validator | undefined
  /** Those who look through whole files, in their order. */
  readonly inspectors: readonly Inspector[]
  /** 32 random hex digits: 128 bits nobody can guess. */
  readonly randomId: () => string
  /** Counts the files of more than one request, e.g. of one page. `take` throws when there are too many. */
  quota?: { take(): void; giveBack(): void } | undefined
  /** The owner's share of storage: bytes are set aside before they are stored, and kept once they are. */
  account?: { reserve(bytes: number): void; keep(): void } | undefined
  /** Told of what happens on the way, where somebody listens. */
  observer?: UploadObserver | undefined
  /** Something went wrong after the fact and cannot be told to the client. */
  readonly warn: (line: string) => void
}

/** Who looks on at one request. */
export interface UploadObserver {
  /** An upload was admitted, and the storage has begun it. */
  created(id: string, facts: FileFacts): void
  /** The request turned out to be a chunk of an upload. */
  chunk(): void
}

/** What the sender says of a file before its bytes. */
export interface DeclaredFile {
  readonly field: string
  /** As it came, uncleaned. */
  readonly filename: string
  readonly type: string
  /** Bytes, if the protocol says so before the end. */
  readonly size?: number | undefined
  /** Bytes, as a good guess for the sentence only (a lone file in a body of known length). */
  readonly likelySize?: number | undefined
}

/** The cleaned facts of a declared file. Throws `name-not-allowed`. */
export function factsOf(declared: DeclaredFile, index: number): FileFacts {
  const { field, filename, type, size } = declared
  const name = cleanFilename(filename)
  const facts: Writable<FileFacts> = { field, index, name, extension: extensionOf(name), type: essenceOf(type) ?? '' }
  if (size !== undefined) facts.size = size
  return facts
}

/** A stored file with what is known of its origin. */
export function uploadedFile(stored: StoredFile, facts: FileFacts): UploadedFile {
  const { field, index, name: originalName, extension, type } = facts
  const { id, name, size, path, tag } = stored
  const file: Writable<UploadedFile> = { field, index, name, extension, type, id, originalName, size }
  if (tag !== undefined) file.tag = tag
  if (path !== undefined) file.path = path
  return file
}

/** For filling in what may be missing. Spreading objects of many fields costs a small file more than all its checks. */
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Throws the refusal, if it is one. */
export function refuse(error: UploadError | undefined): void {
  if (error) throw error
}

/** The name the storage is asked for. What a naming function returns is cleaned like any other name. */
export function storedName(
  { naming, randomId }: Pick<Pipeline, 'naming' | 'randomId'>,
  facts: FileFacts,
  size: number,
  context: UploadContext,
): string | Promise<string> {
  if (naming === 'original') return facts.name
  if (naming === 'random') return randomFilename(facts.name, randomId())
  const name = naming({ ...facts, size }, context)
  return typeof name === 'string' ? cleanFilename(name) : Promise.resolve(name).then(cleanFilename)
}

/** Any thrown thing as a refusal in words; what is not one of ours becomes `internal`, with the cause kept for the log. */
export function toUploadError(error: unknown): UploadError {
  return isUploadError(error) ? error : new UploadError('internal', undefined, { cause: error })
}
