/** Deleting a file that was just uploaded: opt-in (`dropArea.deleteOnRemove`), by a signed URL, from the same session. */
import { UploadError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { Answer } from './answer.ts'
import { readDeleteKey } from './delete-url.ts'
import { renderEmpty } from './render.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Answers `DELETE <path>/<id>?key=…` with 204.
 * @throws UploadError `not-found` for anything but the file's own key from its own session; what the guard throws
 */
export async function deleteFile(request: IncomingRequest, id: string, at: Surroundings): Promise<Answer> {
  const { guard, settings, counts } = at
  if (!settings.dropArea.deleteOnRemove || !guard?.signer) throw new UploadError('not-found')
  guard.checkSite(request)
  guard.checkToken(request, guard.headerToken(request))
  const key = new URL(request.url, 'http://localhost').searchParams.get('key') ?? ''
  const facts = readDeleteKey(guard.signer, key)
  if (facts?.id !== id || facts.session !== guard.session(request).id) throw new UploadError('not-found')
  if (!(await settings.storage.delete?.(facts.name, facts.tag))) throw new UploadError('not-found')
  if (facts.page !== undefined) counts.giveBack(facts.page)
  return renderEmpty(204, {})
}
