/** Deleting a file that was just uploaded: opt-in (`dropArea.deleteOnRemove`), by a signed URL, from the same session. */
import { seal, unseal } from '../sansio/csrf/seal.ts'
import { UploadError } from '../sansio/errors.ts'
import type { IncomingRequest } from '../upload/request.ts'
import type { UploadedFile } from '../upload/types.ts'
import type { CsrfGuard } from './csrf.ts'
import type { Settings } from './options.ts'
import { renderEmpty } from './render.ts'
import type { Surroundings } from './surroundings.ts'

const purpose = 'delete an uploaded file'

/** What a key says. The tag is that of the file itself: a later file of the same name is not meant. */
interface DeleteFacts {
  readonly id: string
  readonly name: string
  readonly tag?: string
  readonly session: string
  /** The page that sent it, whose count goes down. */
  readonly page?: string | undefined
}

/** The URL that deletes a file, or undefined where that is off. It says nothing that its receiver does not know. */
export function deleteUrl(
  request: IncomingRequest,
  file: UploadedFile,
  { dropArea, path }: Settings,
  guard: CsrfGuard | undefined,
  page: string | undefined,
): string | undefined {
  if (!dropArea.deleteOnRemove || !guard?.signer) return undefined
  const { id, name, tag } = file
  const facts: DeleteFacts = { id, name, session: guard.session(request).id, page, ...(tag !== undefined && { tag }) }
  const key = seal(guard.signer, purpose, JSON.stringify(facts))
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
  guard.checkToken(request, guard.headerToken(request))
  const key = new URL(request.url, 'http://localhost').searchParams.get('key') ?? ''
  const known = unseal(guard.signer, purpose, key)
  const facts = known === undefined ? undefined : (JSON.parse(known) as DeleteFacts)
  if (facts?.id !== id || facts.session !== guard.session(request).id) throw new UploadError('not-found')
  if (!(await settings.storage.delete?.(facts.name, facts.tag))) throw new UploadError('not-found')
  if (facts.page !== undefined) counts.giveBack(facts.page)
  return renderEmpty(204, {})
}
