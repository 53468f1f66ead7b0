/** URLs that are themselves the right to read one file, for some time. */
import { seal, unseal } from '../sansio/csrf/seal.ts'
import type { Signer } from '../sansio/csrf/signer.ts'
import { UploadError } from '../sansio/errors.ts'
import type { DownloadOptions } from './download.ts'

const purpose = 'download a file'

/** What a URL is good for. */
export interface DownloadUrlOptions extends DownloadOptions {
  /** Seconds for which it is good, at most 1e9. Default 3600. */
  readonly expiresIn?: number
}

interface DownloadFacts extends DownloadOptions {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/**
 * The path and query behind the endpoint's path.
 * @throws TypeError for an `expiresIn` that is no number of seconds above 0
 */
export function downloadPath(signer: Signer, name: string, options: DownloadUrlOptions, now: number): string {
  const { expiresIn = 3600, inline, filename } = options
  if (!(typeof expiresIn === 'number' && expiresIn > 0 && expiresIn <= 1e9)) {
    throw new TypeError(`expiresIn is ${String(expiresIn)}; it must be seconds above 0, at most 1e9.`)
  }
  const facts: DownloadFacts = {
    name,
    expires: now + expiresIn * 1000,
    ...(inline && { inline }),
    ...(filename !== undefined && { filename }),
  }
  return `/${encodeURIComponent(name)}?key=${seal(signer, purpose, JSON.stringify(facts))}`
}

/**
 * What a request's URL gives the right to.
 * @throws UploadError `link-invalid` for a key that is not ours or not for this name, `link-expired`
 */
export function readDownloadPath(
  signer: Signer,
  encodedName: string,
  key: string,
  now: number,
): DownloadOptions & { readonly name: string } {
  const known = unseal(signer, purpose, key)
  const facts = known === undefined ? undefined : (JSON.parse(known) as DownloadFacts)
  if (facts === undefined || facts.name !== decoded(encodedName)) throw new UploadError('link-invalid')
  const { expires, ...rest } = facts
  if (expires <= now) throw new UploadError('link-expired')
  return rest
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
