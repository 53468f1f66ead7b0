/** Deleting a file that was just uploaded: opt-in (`dropArea.deleteOnRemove`), by a signed URL, from the same session. */
import { seal, unseal } from '../sansio/csrf/seal.ts'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { UploadedFile } from '../upload/types.ts'
import type { CsrfGuard } from './csrf.ts'
import { parsePayload } from './gate.ts'
import type { Settings } from './options.ts'
import { renderEmpty } from './render.ts'
import type { Surroundings } from './surroundings.ts'

const purpose = 'delete an uploaded file'

/** The URL that deletes a file, or undefined where that is off. It says nothing that its receiver does not know. */
export function deleteUrl(
  request: IncomingRequest,
  file: UploadedFile,
  { dropArea, path }: Settings,
  guard: CsrfGuard | undefined,
): string | undefined {
  if (!dropArea.deleteOnRemove || !guard?.signer) return undefined
  const key = seal(guard.signer, purpose, JSON.stringify([file.id, file.name, guard.session(request).id]))
  return `${path}/${file.id}?key=${key}`
}

/**
 * Answers `DELETE <path>/<id>?key=…` with 204.
 * @throws UploadError `not-found` for anything but the file's own key from its own session; what the guard throws
 */
export async function deleteFile(request: IncomingRequest, id: string, at: Surroundings): Promise<Response> {
  const { guard, settings, counts } = at
  if (!settings.dropArea.deleteOnRemove || !guard?.signer) throw new UploadError('not-found')
  guard.checkSite(request)
  const page = parsePayload(guard.checkToken(request, guard.headerToken(request)))
  const key = new URL(request.url, 'http://localhost').searchParams.get('key') ?? ''
  const known = unseal(guard.signer, purpose, key)
  const [fileId, name, session] = (known === undefined ? [] : JSON.parse(known)) as string[]
  if (fileId !== id || name === undefined || session !== guard.session(request).id) throw new UploadError('not-found')
  if (!(await settings.storage.delete?.(name))) throw new UploadError('not-found')
  if (page) counts.giveBack(page.page)
  return renderEmpty(204, {})
}
