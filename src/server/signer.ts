/** The `Signer` of floor 0 on node:crypto. Keys are derived from the secrets with a label each (HKDF, RFC 5869). */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { knownKey, type Signer } from '../sansio/csrf/signer.ts'

/**
 * @param secrets the first signs, all verify: put a new one in front, and drop the old one when its tokens have expired
 */
export function createSigner(secrets: readonly string[]): Signer {
  const keyIds = secrets.map(secret => derive(secret, 'key id', 4))
  const keys = new Map<string, Buffer>()
  const keyFor = (at: number, purpose: string) => {
    const name = `${at} ${purpose}`
    const key = keys.get(name) ?? Buffer.from(derive(secrets[at] as string, purpose, 32))
    keys.set(name, key)
    return key
  }
  const signer: Signer = {
    keyIds,
    mac: (keyId, purpose, data) => {
      const at = keyIds.indexOf(knownKey(signer, keyId) as Uint8Array)
      return createHmac('sha256', keyFor(at, purpose)).update(data).digest()
    },
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  }
  return signer
}

function derive(secret: string, purpose: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'dropgate', purpose, length))
}
