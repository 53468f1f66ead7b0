/** The six fields that Dropzone sends before each chunk of a file. */
import { UploadError } from '../errors.ts'

/** More chunks than any honest client sends: 2 TB in Dropzone's default chunks of 2 MB. */
const maxChunkCount = 1_000_000

const names = ['dzuuid', 'dzchunkindex', 'dzchunkbyteoffset', 'dzchunksize', 'dztotalchunkcount', 'dztotalfilesize']

/** One chunk of a file, as its sender declares it. No value here is to be trusted beyond what {@link parseChunk} says. */
export interface Chunk {
  /** The file's id, lower case. Chosen by the client: neither secret nor unique, so bind it to its owner. */
  readonly uuid: string
  /** 0-based, less than `count`. */
  readonly index: number
  /** Where the chunk's bytes begin: `index * chunkSize`. */
  readonly offset: number
  /** Bytes of every chunk but the last. At least 1. */
  readonly chunkSize: number
  /** Number of chunks. At least 1. */
  readonly count: number
  /** The file's size before Dropzone's `transformFile`: a hint. The true size is that of the chunks. */
  readonly totalSize: number
}

/**
 * Reads Dropzone's chunk fields.
 *
 * @param fields the form's fields so far
 * @returns undefined when there is no such field: then the file comes whole
 * @throws UploadError `invalid-chunk` when a field is missing or they can not all be true
 * @example parseChunk(new Map([['title', 'Holidays']])) // undefined
 * @see Dropzone's options `chunking`, `chunkSize`, `params`
 */
export function parseChunk(fields: Pick<ReadonlyMap<string, string>, 'get' | 'size'>): Chunk | undefined {
  if (fields.size === 0 || names.every(name => fields.get(name) === undefined)) return undefined
  const number = (name: string) => parseCount(fields.get(name))
  const chunk: Chunk = {
    uuid: parseUuid(fields.get('dzuuid')),
    index: number('dzchunkindex'),
    offset: number('dzchunkbyteoffset'),
    chunkSize: number('dzchunksize'),
    count: number('dztotalchunkcount'),
    totalSize: number('dztotalfilesize'),
  }
  const { index, offset, chunkSize, count } = chunk
  // No check of `count` against `totalSize`: a resized picture has fewer chunks than its original size says.
  const possible =
    chunkSize >= 1 &&
    count >= 1 &&
    count <= maxChunkCount &&
    Number.isSafeInteger(count * chunkSize) &&
    index < count &&
    offset === index * chunkSize
  if (!possible) throw new UploadError('invalid-chunk')
  return chunk
}

/** The fewest bytes a file in so many chunks can have, to be held against the policy before anything is stored. */
export function leastSize({ count, chunkSize }: Chunk): number {
  return count === 1 ? 0 : (count - 1) * chunkSize + 1
}

/**
 * Whether a chunk may have `size` bytes: the chunk size, but for the last one, which may be shorter. Only a file's
 * single chunk may be empty.
 */
export function fitsChunk({ index, chunkSize, count }: Chunk, size: number): boolean {
  if (index < count - 1) return size === chunkSize
  return size <= chunkSize && (size > 0 || count === 1)
}

/** Whether a file of `size` bytes could come in chunks as this one declares them. */
export function fitsFile(chunk: Chunk, size: number): boolean {
  return size >= leastSize(chunk) && size <= chunk.count * chunk.chunkSize
}

/** Whether two chunks tell the same of their file. A client that changes its mind midway is refused. */
export function sameFile(a: Chunk, b: Chunk): boolean {
  return a.uuid === b.uuid && a.chunkSize === b.chunkSize && a.count === b.count && a.totalSize === b.totalSize
}

function parseUuid(text: string | undefined): string {
  const uuid = text?.toLowerCase() ?? ''
  if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(uuid)) throw new UploadError('invalid-chunk')
  return uuid
}

function parseCount(text: string | undefined): number {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text ?? '') ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new UploadError('invalid-chunk')
  return value
}
