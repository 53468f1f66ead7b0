/** Small tools of the checks: uploads, bytes, assertions. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { NewUpload, Pending, Storage, StoredFile } from '../upload/ports.ts'

/** A fresh id. */
export function newId(): string {
  return randomUUID().replaceAll('-', '')
}

/** Bytes that differ from place to place and from seed to seed, in a buffer of their own. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed * 2654435761 + 1
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

/** Creates an upload and appends each of `pieces` as one span of one append, the last of them as the last. */
export async function upload(storage: Storage, name: string, ...pieces: readonly Uint8Array[]): Promise<string> {
  const facts: NewUpload = { id: newId(), name, type: 'application/octet-stream' }
  await storage.create(facts)
  let offset = 0
  for (const [index, piece] of pieces.entries()) {
    await storage.append(facts.id, offset, [piece], index === pieces.length - 1)
    offset += piece.byteLength
  }
  return facts.id
}

/** Commits one upload. */
export async function commitOne(storage: Storage, id: string, name: string): Promise<StoredFile> {
  const files = await storage.commit([{ id, name }])
  assert.equal(files.length, 1, 'a commit of one upload returns one file')
  return files[0] as StoredFile
}

/** Fails unless the promise rejects; returns what it rejected with. */
export async function refused(promise: Pending | Promise<unknown>, what: string): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail(`${what} was accepted`)
}

/** Compares bytes without printing megabytes. */
export function sameBytes(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  assert.ok(actual, `${what}: the file is not there`)
  assert.equal(actual.byteLength, expected.byteLength, `${what}: number of bytes`)
  if (Buffer.compare(actual, expected) === 0) return
  const at = actual.findIndex((byte, index) => byte !== expected[index])
  assert.fail(`${what}: the byte at ${at} differs`)
}

/** All pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}
