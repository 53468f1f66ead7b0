/** Storages with one fault each. The key is the fault's name, `breaks` the one check that has to notice. */
import type { CommitItem, ListedFile, NewUpload, ReadableFile, Storage, UploadState } from '../../src/upload/ports.ts'
import { joined, PlainStorage } from './plain-storage.ts'

type Spans = readonly Uint8Array[]
type Broken = { readonly breaks: string; readonly Storage: typeof PlainStorage }

const mebibyte = 1024 * 1024

export const brokenStorages: Readonly<Record<string, Broken>> = {
  'forgets open uploads at prepare': {
    breaks: 'can be prepared again while an upload is open',
    Storage: class extends PlainStorage {
      override async prepare() {
        this.open.clear()
      }
    },
  },
  'accepts an id twice': {
    breaks: 'refuses to create an id twice',
    Storage: class extends PlainStorage {
      override async create(facts: NewUpload) {
        this.open.set(facts.id, { facts, bytes: new Uint8Array() })
      }
    },
  },
  'drops empty files': {
    breaks: 'keeps an empty file',
    Storage: class extends PlainStorage {
      readonly begun = new Set<string>()
      override async append(id: string, offset: number, spans: Spans) {
        await super.append(id, offset, spans)
        this.begun.add(id)
      }
      override keep(item: CommitItem, name: string) {
        const file = super.keep(item, name)
        if (!this.begun.delete(item.id)) this.files.delete(name)
        return file
      }
    },
  },
  'loses the last span': {
    breaks: 'keeps every span of an append',
    Storage: class extends PlainStorage {
      override async append(id: string, offset: number, spans: Spans) {
        const blank = spans.slice(-1).map(span => new Uint8Array(span.byteLength))
        await super.append(id, offset, spans.length > 1 ? [...spans.slice(0, -1), ...blank] : spans)
      }
    },
  },
  'writes the whole buffer behind a view': {
    breaks: 'keeps views into larger buffers',
    Storage: class extends PlainStorage {
      override async append(id: string, offset: number, spans: Spans) {
        await super.append(
          id,
          offset,
          spans.map(span => new Uint8Array(span.buffer)),
        )
      }
    },
  },
  'takes a short write for a whole one': {
    breaks: 'keeps a large append',
    Storage: class extends PlainStorage {
      override async append(id: string, offset: number, spans: Spans) {
        await super.append(id, offset, [joined(spans).subarray(0, mebibyte)])
      }
    },
  },
  'holds a window of 4 MiB only': {
    breaks: 'keeps many appends of odd sizes',
    Storage: class extends PlainStorage {
      override keep(item: CommitItem, name: string) {
        const upload = this.find(item.id)
        upload.bytes.fill(0, 0, Math.max(0, upload.bytes.byteLength - 4 * mebibyte))
        return super.keep(item, name)
      }
    },
  },
  "keeps the caller's memory": {
    breaks: 'does not hold on to the memory of the caller',
    Storage: class extends PlainStorage {
      readonly held = new Map<string, Uint8Array[]>()
      override async append(id: string, offset: number, spans: Spans) {
        await super.append(id, offset, spans)
        this.held.set(id, [...(this.held.get(id) ?? []), ...spans])
      }
      override keep(item: CommitItem, name: string) {
        this.find(item.id).bytes = joined(this.held.get(item.id) ?? [])
        this.held.delete(item.id)
        return super.keep(item, name)
      }
    },
  },
  'appends at any offset': {
    breaks: 'refuses an append at a wrong offset',
    Storage: class extends PlainStorage {
      override async append(id: string, _offset: number, spans: Spans) {
        await super.append(id, this.find(id).bytes.byteLength, spans)
      }
    },
  },
  'mixes concurrent uploads': {
    breaks: 'keeps concurrent uploads apart',
    Storage: class extends PlainStorage {
      scratch: Spans = []
      override async append(id: string, offset: number, spans: Spans) {
        this.scratch = spans
        await pause()
        // Of the right length, so that only the bytes are wrong.
        const length = joined(spans).byteLength
        const wrong = joined([...this.scratch, new Uint8Array(length)])
        await super.append(id, offset, this.scratch === spans ? spans : [wrong.subarray(0, length)])
      }
    },
  },
  'lies about the offset': {
    breaks: 'tells the state of an upload',
    Storage: class extends PlainStorage {
      override async stat(id: string): Promise<UploadState | undefined> {
        const state = await super.stat(id)
        return state && { ...state, offset: Math.min(state.offset, 10) }
      }
    },
  },
  'shows a partial file': {
    breaks: 'shows nothing before the commit',
    Storage: class extends PlainStorage {
      override visible() {
        return [...this.files.keys(), ...[...this.open.values()].map(upload => upload.facts.name)]
      }
    },
  },
  overwrites: {
    breaks: 'never overwrites',
    Storage: class extends PlainStorage {
      override freeName(wanted: string) {
        return wanted
      }
    },
  },
  'looks for a free name and takes it later': {
    breaks: 'never overwrites',
    Storage: class extends PlainStorage {
      override async commit(list: readonly CommitItem[]) {
        for (const { id } of list) this.find(id)
        const files = []
        for (const item of list) {
          const name = this.freeName(item.name)
          await pause()
          files.push(this.keep(item, name))
        }
        return files
      }
    },
  },
  'returns the names out of order': {
    breaks: 'commits a list in its order',
    Storage: class extends PlainStorage {
      override async commit(list: readonly CommitItem[]) {
        const files = await super.commit(list)
        return [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
      }
    },
  },
  'returns a wrong size': {
    breaks: 'tells the size of each file',
    Storage: class extends PlainStorage {
      override keep(item: CommitItem, name: string) {
        const file = super.keep(item, name)
        return { ...file, size: file.size && file.size + 1 }
      }
    },
  },
  'commits half of a list': {
    breaks: 'commits all of a list or none',
    Storage: class extends PlainStorage {
      override async commit(list: readonly CommitItem[]) {
        return list.map(item => this.keep(item, this.freeName(item.name)))
      }
    },
  },
  'resolves before it is durable': {
    breaks: 'resolves a commit when it is durable',
    Storage: class extends PlainStorage {
      override keep(item: CommitItem, name: string) {
        const file = super.keep(item, name)
        const bytes = this.durable.get(name) as Uint8Array
        this.durable.delete(name)
        setImmediate(() => this.durable.set(name, bytes))
        return file
      }
    },
  },
  'keeps an upload after remove': {
    breaks: 'forgets a removed upload',
    Storage: class extends PlainStorage {
      override async remove(_id: string) {}
    },
  },
  'knows no second remove': {
    breaks: 'removes again and removes the unknown',
    Storage: class extends PlainStorage {
      override async remove(id: string) {
        const known = this.open.has(id) || [...this.files.values()].length > 0
        if (!known) throw new Error('no such upload')
        await super.remove(id)
      }
    },
  },
  'removes the committed file': {
    breaks: 'keeps a committed file when its upload is removed',
    Storage: class extends PlainStorage {
      readonly ids = new Map<string, string>()
      override keep(item: CommitItem, name: string) {
        this.ids.set(item.id, name)
        return super.keep(item, name)
      }
      override async remove(id: string) {
        await super.remove(id)
        this.files.delete(this.ids.get(id) ?? '')
      }
    },
  },
  'fails in raw errors': {
    breaks: 'refuses with an UploadError',
    Storage: class extends PlainStorage {
      override find(id: string) {
        const upload = this.open.get(id)
        if (!upload) throw new Error(`ENOENT: no such file or directory, open '/srv/${id}'`)
        return upload
      }
    },
  },
  'lists the oldest first': {
    breaks: 'lists the committed files, newest first',
    Storage: class extends PlainStorage {
      override async list(): Promise<readonly ListedFile[]> {
        return [...(await super.list())].reverse()
      }
    },
  },
  'reads less than there is': {
    breaks: 'reads a committed file',
    Storage: class extends PlainStorage {
      override async read(name: string): Promise<ReadableFile | undefined> {
        const file = await super.read(name)
        const bytes = this.files.get(name)?.bytes.slice(0, 65_536)
        return file && bytes && { ...file, body: new Response(bytes).body as ReadableStream<Uint8Array> }
      }
    },
  },
  'reads an open upload from its beginning, wherever it shall begin': {
    breaks: 'reads an open upload',
    Storage: class extends PlainStorage {
      override async readAt(id: string, _offset: number, length: number): Promise<Uint8Array> {
        return super.readAt(id, 0, length)
      }
    },
  },
  'reads one byte too many of a part': {
    breaks: 'reads a part of a committed file',
    Storage: class extends PlainStorage {
      override async read(name: string): Promise<ReadableFile | undefined> {
        const file = await super.read(name)
        return file && { ...file, slice: (start, end) => file.slice?.(start, end + 1) as ReadableStream<Uint8Array> }
      }
    },
  },
  'tells another tag when it reads': {
    breaks: 'reads a part of a committed file',
    Storage: class extends PlainStorage {
      override async read(name: string): Promise<ReadableFile | undefined> {
        const file = await super.read(name)
        return file && { ...file, tag: `read ${file.tag}` }
      }
    },
  },
  'says it deleted and keeps the file': {
    breaks: 'deletes a committed file',
    Storage: class extends PlainStorage {
      override async delete(name: string, tag?: string): Promise<boolean> {
        return tag === undefined ? this.files.has(name) : super.delete(name, tag)
      }
    },
  },
  'deletes whatever has the name by now': {
    breaks: 'deletes only the file of the tag',
    Storage: class extends PlainStorage {
      override async delete(name: string): Promise<boolean> {
        return super.delete(name)
      }
    },
  },
  'stores everything at one place': {
    breaks: 'stores at another place',
    Storage: class extends PlainStorage {
      override at(_path: string): Storage {
        return this
      }
    },
  },
}

function pause(): Promise<void> {
  return new Promise(done => setImmediate(done))
}
