/** Inspectors see whole files before anybody else does, on every wire, and fail closed. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate, type Inspector, type Storage, UploadError } from '../../../src/index.ts'
import { imageLimit } from '../../../src/inspect.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { pictures } from '../../unit/sansio/sniff/pictures.ts'
import { named, type RealServer, realServer, type StorageKind } from '../resumable/real-server.ts'

let server: RealServer
afterEach(() => server?.close())
const start = async (kind: StorageKind, options: Partial<DropgateOptions>) => {
  server = await realServer(kind, options)
  return server
}
const formOf = (...files: readonly (readonly [string, Uint8Array])[]) => {
  const body = new FormData()
  for (const [name, bytes] of files) body.append('file', new File([bytes as BlobPart], name))
  return body
}
const post = async (...files: readonly (readonly [string, Uint8Array])[]) => {
  const answer = await fetch(`${server.origin}/uploads`, { method: 'POST', body: formOf(...files) })
  return { status: answer.status, text: await answer.text() }
}
const tus = { 'Tus-Resumable': '1.0.0' }
const sendTus = async (name: string, bytes: Uint8Array) => {
  const created = await server.send('POST', '/uploads', {
    headers: { ...tus, 'Upload-Length': bytes.length, ...named(name) },
  })
  const url = created.headers.get('location') ?? ''
  const answer = await server.send('PATCH', url, {
    headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': 0 },
    body: bytes,
  })
  return { url, answer }
}

/** Sums up what it sees, and refuses the byte 13. */
function reader(seen: string[]): Inspector {
  return {
    inspect: async (file, { fields }) => {
      let size = 0
      for await (const piece of file.stream()) {
        size += piece.length
        if (piece.includes(13)) throw new UploadError('rejected', 'Not thirteen.')
      }
      const end = await file.read(Math.max(0, file.size - 1), 100)
      seen.push(`${file.name} ${file.size} ${size} ${end.at(-1)} ${fields.size}`)
    },
  }
}

describe.each<StorageKind>(['memory', 'disk'])('on %s', kind => {
  test('see all bytes of forms, raw bodies, tus and chunks, before the file is there', async () => {
    const seen: string[] = []
    const visible: (readonly string[])[] = []
    const { names, send } = await start(kind, {
      inspectors: [{ inspect: async () => void visible.push(await server.names()) }, reader(seen)],
    })
    const bytes = Buffer.alloc(1_500_000, 7)
    expect(
      (await post(['a.bin', bytes], ['small.bin', bytes.subarray(0, 10)], ['empty.bin', new Uint8Array()])).status,
    ).toBe(201)
    expect(
      (await send('POST', '/uploads?name=b.bin', { headers: { 'Content-Type': 'x/y' }, body: bytes })).status,
    ).toBe(201)
    expect((await sendTus('c.bin', bytes)).answer.status).toBe(204)
    expect(seen).toEqual([
      'a.bin 1500000 1500000 7 0',
      'small.bin 10 10 7 0',
      'empty.bin 0 0 undefined 0',
      'b.bin 1500000 1500000 7 0',
      'c.bin 1500000 1500000 7 1',
    ])
    expect(visible.map(list => list.length)).toEqual([0, 0, 0, 3, 4])
    expect((await names()).length).toBe(5)
  })

  test('a refusal leaves nothing of the whole request', async () => {
    const { names, folder } = await start(kind, { inspectors: [reader([])] })
    const bad = Buffer.concat([Buffer.alloc(2_000_000, 7), Buffer.of(13)])
    expect(await post(['a.bin', Buffer.alloc(10)], ['b.bin', bad])).toEqual({ status: 422, text: 'Not thirteen.' })
    const { url, answer } = await sendTus('c.bin', bad)
    expect([answer.status, answer.text]).toEqual([422, 'Not thirteen.'])
    expect((await server.send('HEAD', url, { headers: tus })).status).toBe(404)
    expect(await names()).toEqual([])
    if (folder) expect(readdirSync(join(folder, '.dropgate'))).toEqual([])
  })

  test('fail closed: what throws anything else, and what takes too long', async () => {
    const log: string[] = []
    const never: Inspector = { inspect: () => new Promise(() => {}), timeLimit: 150 }
    const broken: Inspector = {
      inspect: () => {
        throw new TypeError('secret: /etc')
      },
    }
    let inspector = broken
    await start(kind, {
      log: line => void log.push(line),
      inspectors: [{ inspect: (...given) => inspector.inspect(...given), timeLimit: 150 }],
    })
    for (inspector of [broken, never]) {
      expect(await post(['a.bin', Buffer.alloc(10)])).toEqual({ status: 500, text: 'The file could not be checked.' })
      expect((await sendTus('b.bin', Buffer.alloc(10))).answer.status).toBe(500)
    }
    expect(await server.names()).toEqual([])
    expect(log.join()).toContain('an inspector took longer than 150 ms')
    inspector = { inspect: () => {} }
    expect((await post(['a.bin', Buffer.alloc(10)])).status).toBe(201)
  })

  test('a scanner that is away for a moment: what was sent in pieces waits for another try', async () => {
    let isThere = false
    await start(kind, {
      inspectors: [
        {
          inspect: () => {
            if (!isThere) throw new UploadError('scanner-unavailable')
          },
        },
      ],
    })
    expect(await post(['a.bin', Buffer.alloc(10)])).toEqual({
      status: 503,
      text: 'The virus scanner is not available.',
    })
    const { url, answer } = await sendTus('b.bin', Buffer.alloc(10))
    expect(answer.status).toBe(503)
    expect(await server.names()).toEqual([])
    isThere = true
    await server.send('HEAD', url, { headers: tus })
    expect(await server.names()).toEqual(['b.bin'])
  })
})

describe('where there are inspectors', () => {
  test('the storage must be able to read', () => {
    const { readAt: _missing, ...storage } = memoryStorage()
    expect(() => dropgate({ storage: storage as Storage, inspectors: [imageLimit()] })).toThrow(/^storage is .*readAt/)
    expect(() => dropgate({ storage: storage as Storage })).not.toThrow()
    expect(() => dropgate({ storage: memoryStorage(), inspectors: [{} as Inspector] })).toThrow(/^inspectors is/)
  })

  test('save() asks them, stream() does not', async () => {
    const uploads = dropgate({ storage: memoryStorage(), inspectors: [imageLimit({ maxSide: 10 })], log: () => {} })
    const request = () =>
      new Request('http://localhost/uploads', { method: 'POST', body: formOf(['a.png', pictures.png(20, 20)]) })
    const errors: unknown[] = []
    for await (const file of uploads.files(request())) await file.save().catch(error => errors.push(error.message))
    expect(errors).toEqual(['The image is too large (20 x 20 pixels).'])
    let size = 0
    for await (const file of uploads.files(request())) for await (const piece of file.stream()) size += piece.length
    expect(size).toBe(pictures.png(20, 20).length)
  })
})
