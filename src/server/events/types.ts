/** What the engine tells of itself: one closed union. Nothing in it opens a door: no token, no cookie, no whole id. */
import type { UploadErrorCode } from '../../sansio/errors.ts'

/**
 * How the bytes came: a multipart form, a raw body, Dropzone's chunks, tus, the IETF draft. Chunks are forms by their
 * head, so a request of theirs begins as `form`.
 */
export type UploadProtocol = 'form' | 'binary' | 'chunks' | 'tus' | 'ietf'

interface Seen {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly protocol: UploadProtocol
  /** The client's address, where it is known. */
  readonly remoteAddress?: string
}

/** A request for the endpoint, or for a route with `files()` or `receive()`, is being read. */
export interface RequestStartEvent extends Seen {
  readonly kind: 'request-start'
}

/** It has been answered, or given up. */
export interface RequestEndEvent extends Seen {
  readonly kind: 'request-end'
  /** Milliseconds since its start. */
  readonly duration: number
}

/** An upload was let in, and the storage has begun it. */
export interface UploadCreateEvent extends Seen {
  readonly kind: 'upload-create'
  /** The first 8 letters of its id: enough to find it in a log, too few to reach it. */
  readonly upload: string
  /** The cleaned name it came with. */
  readonly name: string
  /** Bytes, where they are known so early. */
  readonly bytes?: number
}

/** An upload is a file: whole, checked and durable. */
export interface UploadFinishEvent extends Seen {
  readonly kind: 'upload-finish'
  readonly upload: string
  /** The name the storage gave it. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since the start of the request that finished it. */
  readonly duration: number
}

/** A request was refused, or cut off (`aborted`). */
export interface UploadRejectEvent extends Seen {
  readonly kind: 'upload-reject'
  readonly code: UploadErrorCode
  readonly status: number
  /** The sentence that was answered. */
  readonly message: string
  /** The cleaned name of the file it was about, where it was one. */
  readonly name?: string
  readonly duration: number
}

/** A sender was slower than the minimum rate and was cut off. The refusal is told as well. */
export interface UploadStallEvent extends Seen {
  readonly kind: 'upload-stall'
  readonly duration: number
}

/** Unfinished uploads that nobody went on with were removed. */
export interface SweepEvent {
  readonly kind: 'sweep'
  readonly time: number
  /** How many; never 0. */
  readonly removed: number
}

/** What is told to `onEvent`, and published on the channel `dropgate:<kind>` of `node:diagnostics_channel`. */
export type UploadEvent =
  | RequestStartEvent
  | RequestEndEvent
  | UploadCreateEvent
  | UploadFinishEvent
  | UploadRejectEvent
  | UploadStallEvent
  | SweepEvent
