import { FormFields } from './parts.ts'
import type { ResumableRecord } from './resumable-record.ts'
import type { UploadContext } from './types.ts'

/** Hooks see the fields the upload began with, whichever request they run in; where it has none, those of the request. */
export function remembered(context: UploadContext, record: ResumableRecord): UploadContext {
  if (record.fields.length === 0 && record.chunk) return context
  const fields = new FormFields()
  for (const [name, value] of record.fields) fields.append(name, value)
  return { ...context, fields }
}
