/** Uploads expire by a clock that does not jump; a wall clock that does takes nothing from anybody. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { diskStorage } from '../../../src/disk.ts'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import type { ResumableStorage } from '../../../src/upload/ports.ts'

const minute = 60_000
const hour = 60 * minute
const year = 365 * 24 * hour
const tus = { 'Tus-Resumable': '1.0.0' }

/** A storage, and one process after another on it, whose uploads may rest for two hours. */
function world(kind: 'memory' | 'disk') {
  const folder = kind === 'disk' ? mkdtempSync(join(tmpdir(), 'dropgate-expiry-')) : undefined
  onTestFinished(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })
  const inMemory = memoryStorage()
  const storage = folder === undefined ? inMemory : diskStorage(folder, { durable: false })
  const sweeps = countSweeps(storage.resumable)
  const time = { wall: 1_800_000_000_000, steady: 5_000 }
  const pass = (ms: number) => {
    time.wall += ms
    time.steady += ms
  }
  const start = () => {
    // Of each process its own beginning.
    const began = time.steady - 17
    const clock = { now: () => time.wall, steady: () => time.steady - began }
    const uploads = dropgate({ storage, clock, expiry: (2 * hour) / 1000, log: () => {} })
    const send = async (method: string, url: string, headers: Record<string, string> = {}, body?: BodyInit) => {
      const init = { method, headers, ...(body !== undefined && { body }) }
      const answer = await uploads.handle(new Request(new URL(url, 'http://localhost'), init))
      // The sweep runs behind the answer, and must not see a later time.
      await turn()
      await vi.waitFor(() => expect(sweeps.running).toBe(0))
      return answer
    }
    const create = async (name: string) => {
      const headers = { ...tus, 'Upload-Length': '4', 'Upload-Metadata': `filename ${btoa(name)}` }
      return (await send('POST', '/uploads', headers)).headers.get('location') ?? ''
    }
    const patch = (url: string, offset: number, body: string) => {
      const headers = { ...tus, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' }
      return send('PATCH', url, headers, body)
    }
    const chunk = (index: number) => {
      const form = new FormData()
      const fields = { dzchunkindex: index, dzchunkbyteoffset: index * 2, dzchunksize: 2, dztotalchunkcount: 2 }
      form.append('dzuuid', '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10')
      for (const [name, value] of Object.entries({ ...fields, dztotalfilesize: 4 })) form.append(name, String(value))
      form.append('file', new File(['ab'], 'chunked.bin'))
      return send('POST', '/uploads', {}, form)
    }
    /** A request after which expired uploads are looked for. */
    const knock = () => send('POST', '/uploads?name=other.txt', { 'Content-Type': 'text/plain' }, 'x')
    return { send, create, patch, chunk, knock, head: (url: string) => send('HEAD', url, tus) }
  }
  const load = (url: string) => storage.resumable.load(url.split('/').at(-1) ?? '')
  const records = async () => {
    const found: string[] = []
    for await (const { id } of storage.resumable.records()) found.push(id)
    return found
  }
  const swept = (url: string) => expect(load(url)).resolves.toBeUndefined()
  const noticed = (url: string) => expect(load(url)).resolves.toContain('"notice":true')
  return { time, pass, start, load, records, swept, noticed }
}

function countSweeps(storage: ResumableStorage): { running: number } {
  const sweeps = { running: 0 }
  const records = storage.records.bind(storage)
  storage.records = async function* () {
    sweeps.running++
    try {
      yield* records()
    } finally {
      sweeps.running--
    }
  }
  return sweeps
}

describe.each(['memory', 'disk'] as const)('expiry, %s', kind => {
  test.each([
    ['a year forward', year],
    ['a year back', -year],
  ])('a wall clock that jumps %s deletes no live upload, and keeps no dead one', async (_how, jump) => {
    const { time, pass, start, swept } = world(kind)
    const { create, head, patch, knock } = start()
    const dead = await create('dead.bin')
    pass(70 * minute)
    const live = await create('live.bin')
    await patch(live, 0, 'ab')
    time.wall += jump
    expect((await head(live)).status).toBe(200)
    pass(61 * minute)
    await knock()
    await swept(dead)
    expect((await head(live)).headers.get('upload-offset')).toBe('2')
    expect((await patch(live, 2, 'cd')).status).toBe(204)
  })

  test.each([
    ['a year forward', year],
    ['a year back', -year],
  ])('nor does one that jumps %s while no process runs', async (_how, jump) => {
    const { time, pass, start, noticed } = world(kind)
    const before = start()
    const live = await before.create('live.bin')
    await before.patch(live, 0, 'ab')
    pass(minute)
    time.wall += jump
    const after = start()
    await after.knock()
    await noticed(live)
    pass(119 * minute)
    await after.knock()
    const { status, headers } = await after.head(live)
    expect([status, headers.get('upload-offset')]).toEqual([200, '2'])
    expect((await after.patch(live, 2, 'cd')).status).toBe(204)
  })

  test('what a process before left behind goes after a notice and as long again', async () => {
    const { pass, start, noticed, swept } = world(kind)
    const url = await start().create('left.bin')
    pass(3 * hour)
    const after = start()
    await after.knock()
    await noticed(url)
    pass(2 * hour)
    await after.knock()
    await swept(url)
  })

  test('the same where no process lives as long', async () => {
    const { pass, start, noticed, swept } = world(kind)
    const url = await start().create('left.bin')
    pass(3 * hour)
    await start().knock()
    await noticed(url)
    pass(hour)
    await start().knock()
    pass(hour)
    await start().knock()
    await swept(url)
  })

  test('whoever goes on with an upload that has a notice puts it off', async () => {
    const { time, pass, start, noticed, swept, load } = world(kind)
    const before = start()
    const url = await before.create('live.bin')
    const left = await before.create('left.bin')
    time.wall += year
    const after = start()
    await after.knock()
    await noticed(url)
    await noticed(left)
    pass(hour)
    await after.patch(url, 0, 'ab')
    pass(61 * minute)
    await after.knock()
    await swept(left)
    expect(await load(url)).toBeDefined()
  })

  test('one that is told to be gone is gone for the next process too', async () => {
    const { pass, start } = world(kind)
    const before = start()
    const url = await before.create('a.bin')
    pass(119 * minute)
    await before.knock()
    pass(minute)
    expect((await before.head(url)).status).toBe(410)
    expect((await start().head(url)).status).toBe(410)
  })

  test('the moment that clients are told stays, and follows the wall clock when that jumps', async () => {
    const { time, pass, start } = world(kind)
    const { create, head } = start()
    const url = await create('a.bin')
    const told = async (by: ReturnType<typeof start>['head']) =>
      Date.parse((await by(url)).headers.get('upload-expires') ?? '')
    const ends = time.wall + 2 * hour
    expect(await told(head)).toBe(ends)
    pass(hour)
    expect(await told(head)).toBe(ends)
    expect(await told(start().head), 'by another process').toBe(ends)
    time.wall += year
    expect(await told(head)).toBe(ends + year)
    time.wall -= 2 * year
    expect(await told(head)).toBe(ends - year)
    const limit = (await start().send('HEAD', url)).headers.get('upload-limit') ?? ''
    expect(Number(/max-age=(\d+)/.exec(limit)?.[1]), 'seconds').toBe((2 * hour) / 1000)
  })

  test('row 69: chunks that never end go, on a server that sees only forms', async () => {
    const { pass, start, records } = world(kind)
    const { chunk, knock } = start()
    expect((await chunk(0)).status).toBe(201)
    expect(await records()).toHaveLength(1)
    pass(121 * minute)
    await knock()
    expect(await records()).toEqual([])
  })

  test('the answer of a finished upload is kept for a day, whatever the wall clock says', async () => {
    const { time, pass, start, swept, load } = world(kind)
    const { create, patch, knock } = start()
    const url = await create('a.bin')
    await patch(url, 0, 'abcd')
    time.wall += year
    pass(23 * hour)
    await knock()
    expect((await patch(url, 2, 'cd')).headers.get('upload-offset')).toBe('4')
    expect(await load(url)).toBeDefined()
    pass(2 * hour)
    await knock()
    await swept(url)
  })
})
