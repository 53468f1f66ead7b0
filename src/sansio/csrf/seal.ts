/** A short text under a signature: readable by anyone, written only by us. */
import { decodeBase64Url, encodeBase64Url } from '../bytes/base64url.ts'
import { concatBytes } from '../bytes/concat.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { knownKey, type Signer } from './signer.ts'

const keyIdLength = 4
const macLength = 32

/**
 * Seals a text for one purpose: what is sealed for a cookie does not open as anything else.
 * @example seal(signer, 'session cookie', id)
 */
export function seal(signer: Signer, purpose: string, text: string): string {
  const keyId = signer.keyIds[0] as Uint8Array
  const head = concatBytes([keyId, encodeUtf8(text)])
  return encodeBase64Url(concatBytes([head, signer.mac(keyId, purpose, head)]))
}

/** The text of a seal of ours for that purpose; undefined for anything else. */
export function unseal(signer: Signer, purpose: string, sealed: string): string | undefined {
  const bytes = decodeBase64Url(sealed)
  if (!bytes || bytes.length < keyIdLength + macLength) return undefined
  const keyId = knownKey(signer, bytes.subarray(0, keyIdLength))
  if (!keyId) return undefined
  const head = bytes.subarray(0, -macLength)
  return signer.equal(signer.mac(keyId, purpose, head), bytes.subarray(-macLength))
    ? decodeUtf8(head.subarray(keyIdLength))
    : undefined
}
