/** Files for inspectors, and what they say of them. */
import { isUploadError, UploadError } from '../../../src/index.ts'
import type { InspectedFile, Inspector } from '../../../src/inspect.ts'

/** A file of these bytes; `reads` counts the bytes that were asked for. */
export function inspected(bytes: Uint8Array, name = 'a.bin', type = '') {
  const counts = { reads: 0, bytes: 0 }
  const read = async (offset: number, length: number) => {
    const piece = bytes.subarray(offset, offset + length)
    counts.reads++
    counts.bytes += piece.length
    return piece
  }
  const file: InspectedFile = {
    field: 'file',
    index: 0,
    name,
    extension: /\.[^.]+$/.exec(name)?.[0] ?? '',
    type,
    size: bytes.length,
    read,
    stream: async function* () {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
    },
  }
  return { file, counts }
}

/** The code of the refusal, `accepted`, or what else was thrown. */
export async function verdictOf(inspector: Inspector, file: InspectedFile, signal = new AbortController().signal) {
  const request = { method: 'POST', url: '/uploads', headers: new Headers(), body: null }
  try {
    await inspector.inspect(file, { request, fields: new Map() as never, signal })
    return 'accepted'
  } catch (error) {
    return isUploadError(error) ? error.code : `threw ${(error as Error).message}`
  }
}

export { UploadError }
