/**
 * A storage with the rules of S3, to keep the port honest: parts of 5 MiB and more but for the last, in order, no
 * rename, no append to an object, visible when complete, a name reserved by a conditional put. Not for use.
 */
import { UploadError } from '../../src/sansio/errors.ts'
import { numberedName } from '../../src/sansio/filename.ts'
import type { CommitItem, NewUpload, Storage, StoredFile, UploadState } from '../../src/upload/ports.ts'
import { joined } from './plain-storage.ts'

const minimumPart = 5 * 1024 * 1024

/** The engine: objects are put whole, or as parts that become one object. Every answer takes a turn of the loop. */
export class Bucket {
  readonly #objects = new Map<string, Uint8Array>()
  readonly #parts = new Map<string, Uint8Array[]>()

  /** `If-None-Match: *` when `onlyNew`: then false when the key is taken. */
  async put(key: string, bytes: Uint8Array, onlyNew = false): Promise<boolean> {
    await answer()
    if (onlyNew && this.#objects.has(key)) return false
    this.#objects.set(key, Uint8Array.from(bytes))
    return true
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await answer()
    return this.#objects.get(key)
  }

  async delete(key: string): Promise<void> {
    await answer()
    this.#objects.delete(key)
  }

  async keys(prefix: string): Promise<string[]> {
    await answer()
    return [...this.#objects.keys()].filter(key => key.startsWith(prefix))
  }

  async createMultipart(key: string): Promise<void> {
    await answer()
    this.#parts.set(key, [])
  }

  async uploadPart(key: string, number: number, bytes: Uint8Array): Promise<void> {
    await answer()
    const parts = this.#parts.get(key)
    if (!parts) throw new Error('NoSuchUpload')
    parts[number - 1] = Uint8Array.from(bytes)
  }

  async complete(key: string): Promise<number> {
    await answer()
    const parts = this.#parts.get(key)
    if (!parts || parts.length === 0) throw new Error('MalformedXML')
    if (parts.slice(0, -1).some(part => part.byteLength < minimumPart)) throw new Error('EntityTooSmall')
    const bytes = joined(parts)
    this.#objects.set(key, bytes)
    this.#parts.delete(key)
    return bytes.byteLength
  }

  async abort(key: string): Promise<void> {
    await answer()
    this.#parts.delete(key)
  }

  get unfinished(): number {
    return this.#parts.size
  }
}

interface Sending {
  readonly facts: NewUpload
  /** Parts sent; in a real one this and the offset come from ListParts and the size of the remainder. */
  parts: number
  offset: number
}

/** `data/<id>` the bytes, `rest/<id>` what is too short for a part yet, `names/<name>` holds the id. */
export class S3RulesStorage implements Storage {
  readonly #bucket: Bucket
  readonly #sending = new Map<string, Sending>()

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  async create(facts: NewUpload): Promise<void> {
    if (this.#sending.has(facts.id)) throw new UploadError('storage-failed')
    this.#sending.set(facts.id, { facts, parts: 0, offset: 0 })
    await this.#bucket.createMultipart(`data/${facts.id}`)
  }

  async append(id: string, offset: number, spans: readonly Uint8Array[]): Promise<void> {
    const upload = this.#find(id)
    if (offset !== upload.offset) throw new UploadError('storage-failed')
    const rest = await this.#bucket.get(`rest/${id}`)
    let bytes = joined(rest ? [rest, ...spans] : spans)
    while (bytes.byteLength >= minimumPart) {
      await this.#bucket.uploadPart(`data/${id}`, ++upload.parts, bytes.subarray(0, minimumPart))
      bytes = bytes.subarray(minimumPart)
    }
    await this.#bucket.put(`rest/${id}`, bytes)
    upload.offset += spans.reduce((sum, span) => sum + span.byteLength, 0)
  }

  async commit(list: readonly CommitItem[]): Promise<readonly StoredFile[]> {
    const uploads = list.map(({ id }) => this.#find(id))
    for (const upload of uploads) await this.#complete(upload)
    const files: StoredFile[] = []
    try {
      for (const { id, name } of list)
        files.push({ id, name: await this.#takeName(name, id), size: this.#find(id).offset })
    } catch (error) {
      for (const { name } of files) await this.#bucket.delete(`names/${name}`)
      throw error
    }
    for (const { id } of list) this.#sending.delete(id)
    return files
  }

  async remove(id: string): Promise<void> {
    if (!this.#sending.delete(id)) return
    await this.#bucket.abort(`data/${id}`)
    await this.#bucket.delete(`data/${id}`)
    await this.#bucket.delete(`rest/${id}`)
  }

  async stat(id: string): Promise<UploadState | undefined> {
    const upload = this.#sending.get(id)
    return upload && { ...upload.facts, offset: upload.offset }
  }

  /** The remainder is the last part, also when it is empty and the only one. */
  async #complete(upload: Sending): Promise<void> {
    const { id } = upload.facts
    const rest = (await this.#bucket.get(`rest/${id}`)) ?? new Uint8Array()
    if (rest.byteLength > 0 || upload.parts === 0) await this.#bucket.uploadPart(`data/${id}`, ++upload.parts, rest)
    const size = await this.#bucket.complete(`data/${id}`)
    if (size !== upload.offset) throw new UploadError('storage-failed')
    await this.#bucket.delete(`rest/${id}`)
  }

  async #takeName(wanted: string, id: string): Promise<string> {
    const holder = new TextEncoder().encode(id)
    let name = wanted
    for (let n = 1; !(await this.#bucket.put(`names/${name}`, holder, true)); n++) name = numberedName(wanted, n)
    return name
  }

  #find(id: string): Sending {
    const upload = this.#sending.get(id)
    if (!upload) throw new UploadError('storage-failed')
    return upload
  }
}

function answer(): Promise<void> {
  return new Promise(done => setImmediate(done))
}
