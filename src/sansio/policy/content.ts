/** The policy's verdict on what is in a file. */
import { UploadError } from '../errors.ts'
import { extensionOf } from '../filename/extension.ts'
import type { Messages } from '../messages.ts'
import { claimsOf, fitsClaims, type Sniffed, sniff } from '../sniff/sniff.ts'
import { essenceOf, matchesType } from './accept.ts'
import type { Policy } from './define.ts'
import { typesOf } from './types.ts'

/** Whether the first bytes of files are looked at at all. Where they are not, nobody has to gather them. */
export function inspectsContent({ content, accept }: Policy): boolean {
  return content === undefined ? accept.length > 0 : content === 'match'
}

/**
 * The verdict on the first bytes of a file that its name and declared type have let in.
 *
 * Content, extension and declared type have to agree. Where the table knows neither type nor extension, a policy that
 * names one of them takes any content but what runs; one that lets it in by a group takes what it would take by its own
 * name, text, and what the table does not know. What runs (pages, SVG, programs, scripts) has to be named itself.
 *
 * @param file the cleaned name, and the type as declared (`''` if none)
 * @param head the first 4 KiB, or the whole file if it is shorter; an empty file agrees with everything
 * @returns `content-mismatch` or `type-not-allowed`
 */
export function checkContent(
  policy: Policy,
  file: { readonly name: string; readonly type: string },
  head: Uint8Array,
  messages: Messages,
): UploadError | undefined {
  if (head.length === 0 || !inspectsContent(policy)) return undefined
  const found = sniff(head)
  const claims = claimsOf(essenceOf(file.type) ?? '', extensionOf(file.name))
  if (!fitsClaims(claims, found)) return new UploadError('content-mismatch')
  const isLetIn = (accept: readonly string[]) => !found || lets(accept, file, claims.length > 0, found)
  if (isLetIn(policy.accept) && isLetIn(policy.within ?? [])) return undefined
  return new UploadError('type-not-allowed', messages.invalidFileType)
}

function lets(
  accept: readonly string[],
  file: { readonly name: string; readonly type: string },
  isKnown: boolean,
  found: Sniffed,
): boolean {
  if (accept.length === 0) return true
  const isNamed = accept.some(entry => names(entry, file))
  if (found.isActive) return isNamed && isKnown
  return isNamed || isKnown || found.type === 'text/plain' || matchesType(accept, found.type)
}

/** Whether an entry of the list names the file's extension or type, and not only a group of types. */
function names(entry: string, { name, type }: { readonly name: string; readonly type: string }): boolean {
  const lower = name.toLowerCase()
  if (entry.startsWith('.')) return lower.endsWith(entry)
  return entry === essenceOf(type) || (typesOf(lower)?.includes(entry) ?? false)
}
