/** The resumable half of the plain storage, open to view, for the broken ones to inherit from. */
import { UploadError } from '../../src/sansio/errors.ts'
import type { CommitItem, ResumableCommit, ResumableStorage, StoredFile } from '../../src/upload/ports.ts'

type Keep = (item: CommitItem, bytes: Uint8Array) => StoredFile

export interface PlainUpload {
  record: string
  /** Undefined once it is a file. */
  bytes: Uint8Array | undefined
}

export class PlainResumables implements ResumableStorage {
  all = new Map<string, PlainUpload>()
  keep: Keep

  constructor(keep: Keep) {
    this.keep = keep
  }

  inherit(from: PlainResumables, keep: Keep): void {
    this.all = from.all
    this.keep = keep
  }

  find(id: string): PlainUpload {
    const upload = this.all.get(id)
    if (!upload) throw new UploadError('storage-failed')
    return upload
  }

  bytesOf(id: string): Uint8Array {
    const { bytes } = this.find(id)
    if (!bytes) throw new UploadError('storage-failed')
    return bytes
  }

  async create(id: string, record: string): Promise<void> {
    if (this.all.has(id)) throw new UploadError('storage-failed')
    this.all.set(id, { record, bytes: new Uint8Array() })
  }

  async load(id: string): Promise<string | undefined> {
    return this.all.get(id)?.record
  }

  async save(id: string, record: string): Promise<void> {
    this.find(id).record = record
  }

  async write(id: string, offset: number, spans: readonly Uint8Array[]): Promise<void> {
    const before = this.bytesOf(id)
    const added = joined(spans)
    const bytes = new Uint8Array(Math.max(before.byteLength, offset + added.byteLength))
    bytes.set(before)
    bytes.set(added, offset)
    this.find(id).bytes = bytes
  }

  async readAt(id: string, offset: number, length: number): Promise<Uint8Array> {
    return this.bytesOf(id).slice(offset, offset + length)
  }

  async concat(id: string, offset: number, sources: readonly { id: string; size: number }[]): Promise<void> {
    const pieces = sources.map(source => this.bytesOf(source.id).subarray(0, source.size))
    await this.write(id, offset, pieces)
  }

  async commit(uploads: readonly ResumableCommit[]): Promise<readonly StoredFile[]> {
    for (const { id, size } of uploads) if (this.bytesOf(id).byteLength < size) throw new UploadError('storage-failed')
    return uploads.map(item => this.finish(item))
  }

  finish(item: ResumableCommit): StoredFile {
    const file = this.keep(item, this.bytesOf(item.id).slice(0, item.size))
    this.find(item.id).bytes = undefined
    return file
  }

  async release(_id: string): Promise<void> {}

  async remove(id: string): Promise<void> {
    this.all.delete(id)
  }

  async *records(): AsyncGenerator<{ readonly id: string; readonly record: string }> {
    for (const [id, { record }] of this.all) yield { id, record }
  }
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}
