import type { CommitItem, ResumableStorage, StoredFile } from '../../upload/ports.ts'
import { failed } from './failed.ts'

/** Resumable uploads; they outlive a request, but not the process. */
export function memoryResumables(keep: (item: CommitItem, bytes: Uint8Array) => StoredFile): ResumableStorage {
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
