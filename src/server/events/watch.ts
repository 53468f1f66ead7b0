import type { Pipeline } from '../../upload/pipeline.ts'

/** Looks on at one request and tells what it sees. */
export interface Watch {
  /** The pipeline of the request, with an eye on it. Changes it and returns it. */
  observe<P extends Pipeline>(pipeline: P): P
  /** From the start of the request to its end, where its files are kept all together or not at all. */
  whole<T>(reading: Promise<T>): Promise<T>
  /** The same, where each file is finished on its own, and `rejecting` hears of refusals. */
  during<T>(reading: Promise<T>): Promise<T>
  /** Tells of a refusal, once; returns what it was given, as an `UploadError` where it told. */
  rejecting(error: unknown): unknown
}

/** Sees nothing: nobody listens. */
export const silentWatch: Watch = {
  observe: pipeline => pipeline,
  whole: reading => reading,
  during: reading => reading,
  rejecting: error => error,
}
