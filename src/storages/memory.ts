import { UploadError } from '../sansio/errors.ts'
import { numberedName } from '../sansio/filename.ts'
import type { CommitItem, NewUpload, ReadableFile, ResumableStorage, Storage, StoredFile } from '../upload/ports.ts'

/** What {@link memoryStorage} returns: a storage that can list, read, delete and resume. */
export type MemoryStorage = Storage & Required<Pick<Storage, 'list' | 'read' | 'delete' | 'resumable'>>

/**
 * Keeps files in memory: for tests, demonstrations, and as the shortest complete reading of the `Storage` contract.
 * Nothing survives the process and nothing limits the total; use `diskStorage` for people's files.
 *
 * @example
 * const uploads = dropgate({ path: '/uploads', storage: memoryStorage(), policy: { maxFileSize: '5 MiB' } })
 */
export function memoryStorage(): MemoryStorage {
  const open = new Map<string, { readonly facts: NewUpload; readonly spans: Uint8Array[]; offset: number }>()
  const files = new Map<string, { readonly bytes: Uint8Array; readonly modified: number }>()

  function find(id: string) {
    const upload = open.get(id)
    if (!upload) throw failed('there is no such open upload')
    return upload
  }

  function keep({ id, name: wanted }: CommitItem, bytes: Uint8Array): StoredFile {
    let name = wanted
    for (let n = 1; files.has(name); n++) name = numberedName(wanted, n)
    files.set(name, { bytes, modified: Date.now() })
    return { id, name, size: bytes.byteLength }
  }

  return {
    resumable: memoryResumables(keep),
    async create(facts) {
      if (open.has(facts.id)) throw failed('an upload with this id is open already')
      open.set(facts.id, { facts, spans: [], offset: 0 })
    },
    async append(id, offset, spans) {
      const upload = find(id)
      if (offset !== upload.offset) throw failed(`append at ${offset}, but ${upload.offset} bytes are stored`)
      for (const span of spans) {
        // A copy: the caller may reuse its memory as soon as we have answered.
        upload.spans.push(Uint8Array.from(span))
        upload.offset += span.byteLength
      }
    },
    async commit(list) {
      const uploads = list.map(item => find(item.id))
      if (new Set(uploads).size < list.length) throw failed('the same upload is listed twice')
      return list.map((item, index) => {
        open.delete(item.id)
        return keep(item, joined(uploads[index]?.spans ?? []))
      })
    },
    async remove(id) {
      open.delete(id)
    },
    async stat(id) {
      const upload = open.get(id)
      return upload && { ...upload.facts, offset: upload.offset }
    },
    async list() {
      const all = [...files].map(([name, { bytes, modified }]) => ({ name, size: bytes.byteLength, modified }))
      // A Map keeps the order of insertion, so of two files of the same millisecond the later one comes first.
      return all.reverse().sort((a, b) => b.modified - a.modified)
    },
    async read(name): Promise<ReadableFile | undefined> {
      const file = files.get(name)
      if (!file) return undefined
      const body = new Blob([file.bytes as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>
      return { name, size: file.bytes.byteLength, modified: file.modified, body }
    },
    async delete(name) {
      return files.delete(name)
    },
  }
}

/** Resumable uploads; they outlive a request, but not the process. */
function memoryResumables(keep: (item: CommitItem, bytes: Uint8Array) => StoredFile): ResumableStorage {
  const all = new Map<string, { record: string; bytes: Uint8Array; size: number; isFile: boolean }>()

  function find(id: string) {
    const upload = all.get(id)
    if (!upload) throw failed('there is no such resumable upload')
    return upload
  }

  function put(id: string, offset: number, spans: readonly Uint8Array[]): void {
    const upload = find(id)
    if (upload.isFile) throw failed('the upload is a file already')
    let at = offset
    for (const span of spans) {
      const end = at + span.byteLength
      if (end > upload.bytes.byteLength) upload.bytes = grown(upload.bytes, end)
      upload.bytes.set(span, at)
      upload.size = Math.max(upload.size, end)
      at = end
    }
  }

  function bytesOf(id: string, size: number): Uint8Array {
    const upload = find(id)
    if (size > upload.size) throw failed(`the upload has ${upload.size} bytes, not ${size}`)
    return upload.bytes.subarray(0, size)
  }

  return {
    async create(id, record) {
      if (all.has(id)) throw failed('an upload with this id is there already')
      all.set(id, { record, bytes: new Uint8Array(), size: 0, isFile: false })
    },
    load: async id => all.get(id)?.record,
    async save(id, record) {
      find(id).record = record
    },
    write: async (id, offset, spans) => put(id, offset, spans),
    async readAt(id, offset, length) {
      const { bytes, size } = find(id)
      return bytes.slice(offset, Math.min(offset + length, size))
    },
    async concat(id, offset, sources) {
      let at = offset
      for (const { id: source, size } of sources) {
        put(id, at, [bytesOf(source, size)])
        at += size
      }
    },
    async commit(list) {
      const contents = list.map(({ id, size }) => bytesOf(id, size).slice())
      if (new Set(list.map(({ id }) => id)).size < list.length) throw failed('the same upload is listed twice')
      for (const { id } of list) if (find(id).isFile) throw failed('the upload is a file already')
      return list.map((item, index) => {
        Object.assign(find(item.id), { isFile: true, bytes: new Uint8Array(), size: 0 })
        return keep(item, contents[index] as Uint8Array)
      })
    },
    async release() {},
    async remove(id) {
      all.delete(id)
    },
    async *records() {
      for (const [id, { record }] of all) yield { id, record }
    },
  }
}

/** Room for `size` bytes and as many again, so that growing costs little each time. */
function grown(bytes: Uint8Array, size: number): Uint8Array {
  const larger = new Uint8Array(size * 2)
  larger.set(bytes)
  return larger
}

function joined(spans: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(spans.reduce((sum, span) => sum + span.byteLength, 0))
  let at = 0
  for (const span of spans) {
    bytes.set(span, at)
    at += span.byteLength
  }
  return bytes
}

/** A call out of turn is our caller's mistake: the person reads the general sentence, the log the reason. */
function failed(reason: string): UploadError {
  return new UploadError('storage-failed', undefined, { cause: new Error(reason) })
}
