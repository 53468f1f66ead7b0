/** Resumable storages with one fault each. The key is the fault's name, `breaks` the one check that has to notice. */
import { numberedName } from '../../src/sansio/filename.ts'
import type { ResumableCommit, StoredFile } from '../../src/upload/ports.ts'
import { joined, PlainResumables } from './plain-resumables.ts'

type Spans = readonly Uint8Array[]
type Broken = { readonly breaks: string; readonly Resumables: typeof PlainResumables }

export const brokenResumables: Readonly<Record<string, Broken>> = {
  'keeps records as Latin-1': {
    breaks: 'keeps the record of a resumable upload',
    Resumables: class extends PlainResumables {
      override async load(id: string) {
        const record = await super.load(id)
        return record && Buffer.from(record, 'latin1').toString('latin1')
      }
    },
  },
  'begins anew what is there': {
    breaks: 'refuses to create a resumable upload twice',
    Resumables: class extends PlainResumables {
      override async create(id: string, record: string) {
        this.all.delete(id)
        await super.create(id, record)
      }
    },
  },
  'writes a shorter record over a longer one': {
    breaks: 'replaces a record by a longer or a shorter one',
    Resumables: class extends PlainResumables {
      override async save(id: string, record: string) {
        const before = this.find(id).record
        // Only the long ones, so that the other checks see nothing.
        await super.save(
          id,
          before.length > 5000 && record.length < 100 ? record + before.slice(record.length) : record,
        )
      }
    },
  },
  'saves in two steps': {
    breaks: 'shows the old record or the new one while saving',
    Resumables: class extends PlainResumables {
      override async save(id: string, record: string) {
        this.find(id).record = record.slice(0, record.length / 2)
        await pause()
        await super.save(id, record)
      }
    },
  },
  'adds bytes at the end whatever the offset': {
    breaks: 'keeps bytes written in any order',
    Resumables: class extends PlainResumables {
      override async write(id: string, offset: number, spans: Spans) {
        const end = this.bytesOf(id).byteLength
        // Smaller ones are right, and so are holes.
        await super.write(id, offset < end && joined(spans).byteLength === 500_000 ? end : offset, spans)
      }
    },
  },
  'fills holes only once': {
    breaks: 'keeps bytes written beyond the end',
    Resumables: class extends PlainResumables {
      override async write(id: string, offset: number, spans: Spans) {
        await super.write(id, offset, spans)
        if (offset === 0 && this.bytesOf(id).byteLength === 100_050) this.bytesOf(id).fill(0, 50, 60)
      }
    },
  },
  'mixes concurrent writes': {
    breaks: 'keeps concurrent writes to different places',
    Resumables: class extends PlainResumables {
      override async write(id: string, offset: number, spans: Spans) {
        const before = this.bytesOf(id)
        await pause()
        // What others wrote in the meantime is lost.
        this.find(id).bytes = before
        await super.write(id, offset, spans)
      }
    },
  },
  'saves the bytes too, as they were when it began': {
    breaks: 'saves beside a write',
    Resumables: class extends PlainResumables {
      override async save(id: string, record: string) {
        const { bytes } = this.find(id)
        await pause()
        this.find(id).bytes = bytes
        await super.save(id, record)
      }
    },
  },
  "keeps the writer's memory": {
    breaks: 'does not hold on to the memory of a writer',
    Resumables: class extends PlainResumables {
      override async write(id: string, offset: number, spans: Spans) {
        await super.write(id, offset, spans)
        const [span] = spans
        if (offset === 0 && spans.length === 1 && span?.byteLength === 1000) this.find(id).bytes = span
      }
    },
  },
  'reads as much as was asked for': {
    breaks: 'reads a part of a resumable upload',
    Resumables: class extends PlainResumables {
      override async readAt(id: string, offset: number, length: number) {
        const part = await super.readAt(id, offset, length)
        return length === 500 ? joined([part, new Uint8Array(length - part.byteLength)]) : part
      }
    },
  },
  'uses sources up': {
    breaks: 'concatenates and keeps the sources',
    Resumables: class extends PlainResumables {
      override async concat(id: string, offset: number, sources: readonly { id: string; size: number }[]) {
        await super.concat(id, offset, sources)
        if (offset > 0) for (const source of sources) this.find(source.id).bytes = new Uint8Array()
      }
    },
  },
  'shows a file at its release': {
    breaks: 'hides a resumable upload until its commit',
    Resumables: class extends PlainResumables {
      override async release(id: string) {
        const upload = this.all.get(id)
        if (upload?.bytes) this.keep({ id, name: 'partial' }, upload.bytes)
      }
    },
  },
  'commits all that was written': {
    breaks: 'cuts a resumable upload to its size',
    Resumables: class extends PlainResumables {
      override finish(item: ResumableCommit): StoredFile {
        return super.finish({ ...item, size: this.bytesOf(item.id).byteLength })
      }
    },
  },
  'overwrites with a resumable upload': {
    breaks: 'never overwrites with a resumable upload',
    Resumables: class extends PlainResumables {
      override finish(item: ResumableCommit): StoredFile {
        const file = super.finish(item)
        // The bytes of the first are what is found under the name that it says.
        return file.name === numberedName(item.name, 1) ? { ...file, name: item.name } : file
      }
    },
  },
  'commits the first half of a list': {
    breaks: 'commits all resumable uploads of a list or none',
    Resumables: class extends PlainResumables {
      override async commit(uploads: readonly ResumableCommit[]) {
        return uploads.length > 1 ? uploads.map(item => this.finish(item)) : super.commit(uploads)
      }
    },
  },
  'forgets the record with the commit': {
    breaks: 'keeps the record of a committed upload',
    Resumables: class extends PlainResumables {
      override async *records() {
        for (const [id, { record, bytes }] of this.all) if (bytes) yield { id, record }
      }
    },
  },
  'opens anew what is a file': {
    breaks: 'writes no more to what is a file',
    Resumables: class extends PlainResumables {
      override async write(id: string, offset: number, spans: Spans) {
        const upload = this.find(id)
        upload.bytes ??= new Uint8Array()
        await super.write(id, offset, spans)
      }
    },
  },
  'keeps a removed upload in the list': {
    breaks: 'forgets a removed resumable upload',
    Resumables: class extends PlainResumables {
      readonly removed = new Map<string, string>()
      override async remove(id: string) {
        const record = await this.load(id)
        if (record !== undefined) this.removed.set(id, record)
        await super.remove(id)
      }
      override async *records() {
        yield* super.records()
        for (const [id, record] of this.removed) yield { id, record }
      }
    },
  },
  'removes the committed file with the upload': {
    breaks: 'keeps a committed file when its resumable upload is removed',
    Resumables: class extends PlainResumables {
      readonly files = new Map<string, Uint8Array>()
      override finish(item: ResumableCommit): StoredFile {
        const bytes = this.bytesOf(item.id).slice(0, item.size)
        this.files.set(item.id, bytes)
        this.find(item.id).bytes = undefined
        return this.keep(item, bytes)
      }
      override async remove(id: string) {
        await super.remove(id)
        this.files.get(id)?.fill(0)
      }
    },
  },
  'forgets what it let go of': {
    breaks: 'goes on after a release',
    Resumables: class extends PlainResumables {
      override async release(id: string) {
        const upload = this.all.get(id)
        if (upload?.bytes?.byteLength === 20) upload.bytes = new Uint8Array(20)
      }
    },
  },
  'lists one page of records': {
    breaks: 'lists all records',
    Resumables: class extends PlainResumables {
      override async *records() {
        let count = 0
        for await (const one of super.records()) if (count++ < 64) yield one
      }
    },
  },
  'fails a resumable call in raw errors': {
    breaks: 'refuses a resumable call with an UploadError',
    Resumables: class extends PlainResumables {
      override find(id: string) {
        const upload = this.all.get(id)
        if (!upload) throw new Error(`ENOENT: no such file or directory, open '/srv/${id}'`)
        return upload
      }
    },
  },
  'keeps its uploads in the process': {
    breaks: 'finds everything when it is opened again',
    Resumables: class extends PlainResumables {
      override inherit(from: PlainResumables, keep: PlainResumables['keep']) {
        super.inherit(from, keep)
        // The other check with a second reader has one upload only.
        if (from.all.size > 1) this.all = new Map()
      }
    },
  },
}

function pause(): Promise<void> {
  return new Promise(done => setImmediate(done))
}
