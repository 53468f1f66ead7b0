import { concatBytes } from '../../sansio/bytes/concat.ts'
import { numberedName } from '../../sansio/filename.ts'
import type { CommitItem, NewUpload, ReadableFile, Storage, StoredFile } from '../../upload/ports.ts'
import { failed } from './failed.ts'
import { memoryResumables } from './resumable.ts'

/** What {@link memoryStorage} returns: a storage that can list, read, delete and resume. */
export type MemoryStorage = Storage & Required<Pick<Storage, 'readAt' | 'list' | 'read' | 'delete' | 'resumable'>>

/**
 * Keeps files in memory: for tests, demonstrations, and as the shortest complete reading of the `Storage` contract.
 * Nothing survives the process and nothing limits the total; use `diskStorage` for people's files.
 *
 * @example
 * const uploads = dropgate({ path: '/uploads', storage: memoryStorage(), policy: { maxFileSize: '5 MiB' } })
 */
export function memoryStorage(): MemoryStorage {
  const open = new Map<string, { readonly facts: NewUpload; readonly spans: Uint8Array[]; offset: number }>()
  const files = new Map<string, { readonly id: string; readonly bytes: Uint8Array; readonly modified: number }>()

  function find(id: string) {
    const upload = open.get(id)
    if (!upload) throw failed('there is no such open upload')
    return upload
  }

  function keep({ id, name: wanted }: CommitItem, bytes: Uint8Array): StoredFile {
    let name = wanted
    for (let n = 1; files.has(name); n++) name = numberedName(wanted, n)
    files.set(name, { id, bytes, modified: Date.now() })
    return { id, name, size: bytes.byteLength, tag: id }
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
        return keep(item, concatBytes(uploads[index]?.spans ?? []))
      })
    },
    async remove(id) {
      open.delete(id)
    },
    async stat(id) {
      const upload = open.get(id)
      return upload && { ...upload.facts, offset: upload.offset }
    },
    async readAt(id, offset, length) {
      return concatBytes(find(id).spans).subarray(offset, offset + length)
    },
    async list() {
      const all = [...files].map(([name, { bytes, modified }]) => ({ name, size: bytes.byteLength, modified }))
      // A Map keeps the order of insertion, so of two files of the same millisecond the later one comes first.
      return all.reverse().sort((a, b) => b.modified - a.modified)
    },
    async read(name): Promise<ReadableFile | undefined> {
      const file = files.get(name)
      if (!file) return undefined
      const { bytes, id, modified } = file
      const slice = (start: number, end: number) => streamOf(bytes.subarray(start, end))
      return { name, size: bytes.byteLength, modified, tag: id, body: streamOf(bytes), slice }
    },
    async delete(name, tag = files.get(name)?.id) {
      return files.get(name)?.id === tag && files.delete(name)
    },
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream() as ReadableStream<Uint8Array>
}
