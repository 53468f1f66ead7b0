/** Small tools of the checks of resumable uploads. */
import assert from 'node:assert/strict'
import type { ResumableStorage, Storage } from '../upload/ports.ts'
import type { StorageHarness } from './storage-harness.ts'
import { newId } from './storage-tools.ts'

/** Begins an upload and writes these bytes, saved. */
export async function begun(resumable: ResumableStorage, bytes: Uint8Array): Promise<string> {
  const id = newId()
  await resumable.create(id, 'first')
  await resumable.write(id, 0, [bytes])
  await resumable.save(id, `record of ${bytes.byteLength}`)
  return id
}

export async function contentOf(resumable: ResumableStorage, id: string, length: number): Promise<Uint8Array> {
  return resumable.readAt(id, 0, length)
}

export async function recordsOf(resumable: ResumableStorage): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for await (const { id, record } of resumable.records()) {
    assert.ok(!found.has(id), 'an id listed twice')
    found.set(id, record)
  }
  return found
}

export async function reopened(harness: StorageHarness): Promise<Storage | undefined> {
  const storage = await harness.reopen?.()
  await storage?.prepare?.()
  return storage
}
