/**
 * What the engine sees of a request. Any Fetch `Request` already is one, and Node needs no copy.
 */

/** Takes one chunk. A promise means "wait before the next one": that is the back-pressure. */
export type ChunkSink = (chunk: Uint8Array) => undefined | Promise<void>

/**
 * A body that can be pushed instead of iterated: the same bytes in the same order, without an async iteration per chunk.
 *
 * `push(sink)` resolves after the last chunk, rejects with `UploadError('aborted')` when the sender vanished and
 * with the sink's own error when the sink threw; after that it reads nothing more (draining is the bridge's business).
 */
export interface PushBody extends AsyncIterable<Uint8Array> {
  push(sink: ChunkSink): Promise<void>
}

/** A request, structurally: a Fetch `Request` fits. */
export interface IncomingRequest {
  readonly method: string
  /** Absolute URL, or a path; only path and query are used. */
  readonly url: string
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | PushBody | null
  /** True when somebody has read the body already (Fetch). */
  readonly bodyUsed?: boolean
  readonly signal?: AbortSignal
  /** The framework's own request, where there is one, for hooks that need it (a session, say). */
  readonly raw?: unknown
}

/** What Fetch cannot say about a request. All optional: a plain Fetch server passes nothing. */
export interface RequestContext {
  /** The client's address, for logs and limits. */
  readonly remoteAddress?: string | undefined
  /** Number of raw header lines: Node drops lines past its cap without a word, so the count is the only witness. */
  readonly rawHeaderCount?: number
  /** The number of header lines from which on the server drops lines; 1,000 in Node unless `maxHeadersCount` says else. */
  readonly maxHeaderCount?: number
  /** Somebody read the body before us, e.g. `express.raw`. */
  readonly bodyConsumed?: boolean
  /**
   * Sends an interim answer (1xx) before the final one, where the connection can.
   * @returns whether it went out
   */
  inform?(status: number, headers: Readonly<Record<string, string>>): boolean
  /** The fields after the body; known once it has been read to its end. */
  readonly trailers?: { get(name: string): string | null }
}
