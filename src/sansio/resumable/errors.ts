/** Refusals that carry numbers. */
import { UploadError } from '../errors.ts'

/**
 * The client continues at an offset that is not the upload's. The answer tells the right one.
 *
 * @example throw new OffsetMismatch(12, 24) // 409, Upload-Offset: 12
 */
export class OffsetMismatch extends UploadError {
  /** Bytes the upload has. */
  readonly expected: number
  /** Where the client wanted to go on. */
  readonly provided: number

  constructor(expected: number, provided: number) {
    super('offset-mismatch', undefined, { headers: { 'Upload-Offset': String(expected) } })
    this.expected = expected
    this.provided = provided
  }
}
