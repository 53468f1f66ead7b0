/** A correct little storage in memory, open to view, for the broken ones to inherit from. */
import { UploadError } from '../../src/sansio/errors.ts'
import { numberedName } from '../../src/sansio/filename.ts'
import type {
  CommitItem,
  ListedFile,
  NewUpload,
  ReadableFile,
  Storage,
  StoredFile,
  UploadState,
} from '../../src/upload/ports.ts'
import { joined, PlainResumables } from './plain-resumables.ts'

interface OpenUpload {
  readonly facts: NewUpload
  bytes: Uint8Array
}

interface KeptFile extends ListedFile {
  readonly bytes: Uint8Array
}

export class PlainStorage implements Storage {
  readonly open = new Map<string, OpenUpload>()
  readonly files = new Map<string, KeptFile>()
  /** What a power cut leaves. */
  readonly tags = new Map<string, string>()
  readonly durable = new Map<string, Uint8Array>()
  /** Storages at other places, by path; shared. */
  readonly places: Map<string, PlainStorage>
  readonly resumable: PlainResumables

  constructor(places = new Map<string, PlainStorage>(), Resumables: typeof PlainResumables = PlainResumables) {
    this.places = places
    // The faults of others in finding a name are not ours.
    const freeName = (name: string) => PlainStorage.prototype.freeName.call(this, name)
    this.resumable = new Resumables((item, bytes) => this.add(item, freeName(item.name), bytes))
  }

  async prepare(): Promise<void> {}

  async create(facts: NewUpload): Promise<void> {
    if (this.open.has(facts.id)) throw new UploadError('storage-failed')
    this.open.set(facts.id, { facts, bytes: new Uint8Array() })
  }

  async append(id: string, offset: number, spans: readonly Uint8Array[]): Promise<void> {
    const upload = this.find(id)
    if (offset !== upload.bytes.byteLength) throw new UploadError('storage-failed')
    upload.bytes = joined([upload.bytes, ...spans])
  }

  async commit(list: readonly CommitItem[]): Promise<readonly StoredFile[]> {
    for (const { id } of list) this.find(id)
    return list.map(item => this.keep(item, this.freeName(item.name)))
  }

  async remove(id: string): Promise<void> {
    this.open.delete(id)
  }

  async stat(id: string): Promise<UploadState | undefined> {
    const upload = this.open.get(id)
    return upload && { ...upload.facts, offset: upload.bytes.byteLength }
  }

  async readAt(id: string, offset: number, length: number): Promise<Uint8Array> {
    return this.open.get(id)?.bytes.slice(offset, offset + length) ?? new Uint8Array()
  }

  async list(): Promise<readonly ListedFile[]> {
    return [...this.files.values()].reverse().map(({ name, size, modified }) => ({ name, size, modified }))
  }

  async read(name: string): Promise<ReadableFile | undefined> {
    const file = this.files.get(name)
    if (!file) return undefined
    const tag = this.tags.get(name)
    const slice = (start: number, end: number) => this.streamOf(file.bytes.slice(start, end))
    return { ...file, ...(tag !== undefined && { tag }), body: this.streamOf(file.bytes), slice }
  }

  streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
    return new Response(bytes as Uint8Array<ArrayBuffer>).body as ReadableStream<Uint8Array>
  }

  async delete(name: string, tag?: string): Promise<boolean> {
    return (tag === undefined || this.tags.get(name) === tag) && this.files.delete(name)
  }

  at(path: string): Storage {
    const there = this.places.get(path) ?? new PlainStorage()
    this.places.set(path, there)
    return there
  }

  find(id: string): OpenUpload {
    const upload = this.open.get(id)
    if (!upload) throw new UploadError('storage-failed')
    return upload
  }

  freeName(wanted: string): string {
    let name = wanted
    for (let n = 1; this.files.has(name); n++) name = numberedName(wanted, n)
    return name
  }

  keep(item: CommitItem, name: string): StoredFile {
    const { bytes } = this.find(item.id)
    this.open.delete(item.id)
    return this.add(item, name, bytes)
  }

  add({ id }: CommitItem, name: string, bytes: Uint8Array): StoredFile {
    this.files.set(name, { name, bytes, size: bytes.byteLength, modified: Date.now() })
    this.durable.set(name, bytes)
    this.tags.set(name, id)
    return { id, name, size: bytes.byteLength, tag: id }
  }

  /** As a restart would find it: files and resumable uploads, but no open ones. */
  inherit(from: PlainStorage): void {
    this.resumable.inherit(from.resumable, (item, bytes) => from.add(item, from.freeName(item.name), bytes))
  }

  /** What a stranger sees. */
  visible(): readonly string[] {
    return [...this.files.keys()]
  }
}

export { joined }
