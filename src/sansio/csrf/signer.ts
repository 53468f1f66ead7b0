/** Keyed hashing, synchronous. Secrets are rotated by having several: the first signs, all verify. */
export interface Signer {
  /** Four bytes that tell the secrets apart without giving them away; the first one signs. */
  readonly keyIds: readonly Uint8Array[]
  /** HMAC-SHA-256 with the key of that secret and purpose: 32 bytes. */
  mac(keyId: Uint8Array, purpose: string, data: Uint8Array): Uint8Array
  /** Whether two byte strings are the same, in a time that does not depend on where they differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean
}

/** The key id among those of the signer, or undefined for one that is not (or no longer) ours. */
export function knownKey(signer: Signer, keyId: Uint8Array): Uint8Array | undefined {
  return signer.keyIds.find(known => signer.equal(known, keyId))
}
