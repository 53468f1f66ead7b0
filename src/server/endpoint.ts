/** The endpoint's POST: all files of the request become files, or none of them. */
import { type Chunk, parseChunk } from '../sansio/dropzone/chunk.ts'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingChunk } from '../upload/chunks.ts'
import { FormFields, type IncomingFile, type PartHandlers } from '../upload/parts.ts'
import { type DeclaredFile, type Pipeline, toUploadError } from '../upload/pipeline.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { UploadTransaction } from '../upload/transaction.ts'
import type { Gate } from './gate.ts'
import { readUploads } from './intake.ts'
import type { Resumables } from './resumable.ts'
import type { Cut } from './running.ts'
import type { Received } from './types.ts'

/** What became of a request, and of which upload over several requests it was a chunk. */
export interface ReceivedUploads extends Received {
  readonly uploadId?: string
}

/**
 * Receives all uploads of a request as one transaction.
 *
 * @param gate stands before the first file; undefined for no check at all
 * @param cut ends the reading early; its reason is thrown
 * @throws UploadError, after everything of the request was removed again
 */
export async function receiveUploads(
  request: IncomingRequest,
  context: RequestContext,
  pipeline: Pipeline,
  gate: Gate | undefined,
  resumables: Resumables | undefined,
  cut: Cut,
): Promise<ReceivedUploads> {
  const fields = new FormFields()
  const transaction = new UploadTransaction(pipeline)
  let incoming: IncomingChunk | undefined
  const handlers: PartHandlers = {
    onField: (name, value) => fields.append(name, value),
    onFile: async file => {
      const chunk = parseChunk(fields)
      if (!chunk) return transaction.admit(declaredFile(file), file.index, { request, fields })
      incoming = await openChunk(chunk, file)
      return incoming.sink
    },
  }
  const openChunk = async (chunk: Chunk, file: IncomingFile) => {
    pipeline.observer?.chunk()
    if (!resumables) throw new UploadError('invalid-chunk', 'This server does not take files in chunks.')
    if (file.index > 0) throw new UploadError('invalid-chunk')
    const owner = await resumables.owner(request)
    return resumables.chunks.open(pipeline, chunk, file, owner, { request, fields })
  }
  try {
    await cut.before(readUploads(request, context, pipeline, gate?.guarding(handlers) ?? handlers))
    gate?.pass()
    if (incoming) {
      const file = await incoming.finish()
      return { files: file ? [file] : [], fields, uploadId: incoming.id }
    }
    if (transaction.count === 0) throw new UploadError('no-file')
    return { files: await transaction.finish(), fields }
  } catch (error) {
    await incoming?.fail(error)
    await transaction.abort()
    const refusal = toUploadError(error)
    refusal.file ??= transaction.current
    throw refusal
  }
}

/** A part as the pipeline wants it. A lone `file` (not `file[0]`) is most likely all that follows. */
export function declaredFile(file: IncomingFile): DeclaredFile {
  const { field, filename, type, size, index, remaining } = file
  const lone = index === 0 && !field.includes('[')
  return { field, filename, type, size, likelySize: lone ? remaining : undefined }
}
