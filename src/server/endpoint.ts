/** The endpoint's POST: all files of the request become files, or none of them. */
import { UploadError } from '../sansio/errors.ts'
import { FormFields, type IncomingFile, type PartHandlers } from '../upload/parts.ts'
import type { IncomingRequest, RequestContext } from '../upload/request.ts'
import { type DeclaredFile, UploadTransaction, type Pipeline } from '../upload/transaction.ts'
import type { FileFacts } from '../upload/types.ts'
import { readUploads } from './intake.ts'
import type { Received } from './types.ts'

/** Told of each refusal, with the file it was about if there was one. */
export type OnRefusal = (error: unknown, file: FileFacts | undefined) => void

/**
 * Receives all uploads of a request as one transaction.
 *
 * @throws UploadError, after everything of the request was removed again
 */
export async function receiveUploads(
  request: IncomingRequest,
  context: RequestContext,
  pipeline: Pipeline,
): Promise<Received> {
  const fields = new FormFields()
  const transaction = new UploadTransaction(pipeline)
  const handlers: PartHandlers = {
    onField: (name, value) => fields.append(name, value),
    onFile: file => transaction.admit(declaredFile(file), file.index, { request, fields }),
  }
  try {
    await readUploads(request, context, pipeline, handlers)
    if (transaction.count === 0) throw new UploadError('no-file')
    return { files: await transaction.finish(), fields }
  } catch (error) {
    await transaction.abort()
    throw error
  }
}

/** A part as the pipeline wants it. A lone `file` (not `file[0]`) is most likely all that follows. */
export function declaredFile(file: IncomingFile): DeclaredFile {
  const { field, filename, type, size, index, remaining } = file
  const declared = { field, filename, type, ...(size === undefined ? {} : { size }) }
  const lone = remaining !== undefined && index === 0 && !field.includes('[')
  return lone ? { ...declared, likelySize: remaining } : declared
}
