/** What marks a request as one of the IETF protocol. */
import { parseNonNegativeInteger } from '../../headers/structured.ts'
import type { RequestHead } from '../intent.ts'

/** The type of an append's body. */
export const partialUpload = 'application/partial-upload'

/** Interop versions we speak: 6 is draft -04 and -05, 8 is -09 to -11, 9 is -12. */
const interopVersions = [6, 8, 9] as const

/** An interop version we speak. */
export type InteropVersion = (typeof interopVersions)[number]

/**
 * The draft version a request asks for, if we speak it. Only then may interim answers be sent ("Draft Version
 * Identification").
 *
 * @example interopVersion({ method: 'POST', headers: new Headers({ 'Upload-Draft-Interop-Version': '8' }) }) // 8
 */
export function interopVersion({ headers }: RequestHead): InteropVersion | undefined {
  const version = parseNonNegativeInteger(headers.get('upload-draft-interop-version'))
  return interopVersions.find(known => known === version)
}
