/**
 * What a request to a resumable upload wants, and what came of it, in words that tus and the IETF protocol share.
 *
 * parse(head) -> {@link ResumableIntent} -> the pipeline -> {@link Outcome} -> reply. Only `parse` and `reply` know a
 * dialect.
 */

/** The head of a request; a Fetch `Request` fits. */
export interface RequestHead {
  readonly method: string
  readonly headers: { get(name: string): string | null }
}

/** What the server can do. Everything that is advertised is computed from this, and what is not is refused. */
export interface ResumableCapabilities {
  /** Whether the storage can join uploads. */
  readonly concatenation: boolean
  /** Whether fields after the body can be read (Node can, Fetch can not). */
  readonly trailers: boolean
  /** Most bytes of one upload; undefined for no limit. */
  readonly maxSize?: number
  /** Fewest bytes of one upload; undefined for no limit. */
  readonly minSize?: number
  /** Most bytes of one request; undefined for no limit. */
  readonly maxAppendSize?: number
  /** Fewest bytes of one request that does not end its upload; undefined for no limit. */
  readonly minAppendSize?: number
  /** Seconds after which an upload nobody continues is given up; undefined for never. */
  readonly maxAge?: number
}

/** The algorithms we verify. */
export type ChecksumAlgorithm = 'sha1' | 'sha256' | 'sha512'

/** A digest to be verified. Its length fits its algorithm. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly digest: Uint8Array
}

/** A part of, or the whole of, a concatenation (tus). */
export type Concat =
  | { readonly kind: 'partial' }
  | {
      readonly kind: 'final'
      /** Ids of the partial uploads, in order; one may come more than once. Not yet looked up. */
      readonly parts: readonly string[]
      /** The field as it came, for the answer to HEAD. */
      readonly field: string
    }

/** What create and append have in common: some bytes, and what is said about them. */
export interface Content {
  /** Bytes of the body, if declared. */
  readonly bodyLength: number | undefined
  /**
   * Whether these bytes are the last: IETF says so; `undefined` means the upload is complete when its offset reaches
   * its length (tus).
   */
  readonly complete: boolean | undefined
  /** Of the body of this request. Wrong: the body counts for nothing. */
  readonly checksum?: Checksum
  /** The checksum comes after the body, in the trailer `Upload-Checksum`; read it with `parseTusChecksum`. */
  readonly checksumInTrailer: boolean
  /** Of all bytes of the upload. Wrong: the upload is refused when it is complete. */
  readonly reprDigest?: Checksum
  /** The client asks for this digest of all bytes when the upload is complete. */
  readonly wantReprDigest?: ChecksumAlgorithm
}

/** Begin an upload. */
export interface CreateIntent extends Content {
  readonly kind: 'create'
  /** The file's name as its sender wrote it, `''` if none. Not cleaned. */
  readonly name: string
  /** MIME type, lower case without parameters, `''` if none. */
  readonly type: string
  /** Bytes of the whole upload; undefined when not yet known, or for the final upload of a concatenation. */
  readonly length: number | undefined
  /** All metadata, decoded; has the name and type again. */
  readonly metadata: ReadonlyMap<string, string>
  /** Whether the body has bytes of the upload, perhaps none of them. */
  readonly withBody: boolean
  readonly concat?: Concat
}

/** Add bytes to an upload. */
export interface AppendIntent extends Content {
  readonly kind: 'append'
  /** Where the client thinks that the upload ends. */
  readonly offset: number
  /** Bytes of the whole upload, where this request tells. Must agree with what was told before. */
  readonly length: number | undefined
}

/** What a request wants. `status` is HEAD or GET, `terminate` DELETE. */
export type ResumableIntent =
  | CreateIntent
  | AppendIntent
  | { readonly kind: 'options' }
  | { readonly kind: 'status' }
  | { readonly kind: 'terminate' }

/** What an answer may tell about an upload. */
export interface ResumableView {
  /** The upload's URL as it is told to the client, absolute or a path. */
  readonly location: string
  readonly offset: number
  readonly length: number | undefined
  readonly complete: boolean
  /** Milliseconds since 1970 at which the unfinished upload is given up; undefined for never. */
  readonly expires?: number
  readonly metadata: ReadonlyMap<string, string>
  readonly concat?: Concat
}

/** What the same file would have been answered in a form upload. */
export interface FinalAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The entry of the file in `body`, as JSON in ASCII: for wires whose success has no body. */
  readonly file: string
  /** The digest the client asked for. */
  readonly reprDigest?: Checksum
}

/** What came of an intent that was not refused. */
export type Outcome =
  | { readonly kind: 'options' }
  | {
      readonly kind: 'created'
      readonly view: ResumableView
      readonly withBody: boolean
      /** Where it is a file at once. */
      readonly answer?: FinalAnswer
    }
  /** `answer`: of a finished one, as it was given with the last bytes. */
  | { readonly kind: 'status'; readonly view: ResumableView; readonly answer?: FinalAnswer }
  | { readonly kind: 'appended'; readonly view: ResumableView }
  /** By this request, or long ago and this one repeats the last append. `created`: the request also began it. */
  | {
      readonly kind: 'completed'
      readonly view: ResumableView
      readonly created: boolean
      readonly answer: FinalAnswer
    }
  | { readonly kind: 'terminated' }

/** An answer as plain data. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Absent for no body. A HEAD's answer must leave it out. */
  readonly body?: string
}
