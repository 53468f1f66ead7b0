import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Storage } from '../../../src/upload/ports.ts'

/** An empty folder that is gone after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-unit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

let ids = 0

/** Creates an upload with these bytes; returns its id. */
export async function begin(storage: Storage, bytes: Uint8Array, name = 'a.bin'): Promise<string> {
  const id = String(++ids).padStart(22, '0')
  await storage.create({ id, name, type: '' })
  await storage.append(id, 0, [bytes])
  return id
}

/** Uploads and commits. */
export async function store(storage: Storage, name: string, bytes: Uint8Array): Promise<string> {
  const [file] = await storage.commit([{ id: await begin(storage, bytes, name), name }])
  return file?.name ?? ''
}

/** What the open descriptors of this process lead to, inside a folder. */
export async function descriptorsIn(folder: string): Promise<string[]> {
  const all = await readdir('/proc/self/fd')
  const targets = await Promise.all(all.map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return targets.filter(target => target === folder || target.startsWith(`${folder}/`)).sort()
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the system says it, open '/srv/secret/place'`), { code })
}
