import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate, UploadError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'

const KiB = 1024

/** An engine whose visitors say who they are in a header, and whose quota counts what its storage holds. */
function receiver(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const kept = new Map<string, number>()
  let creations = 0
  const authorize = (request: { headers: { get(name: string): string | null } }) =>
    request.headers.get('x-user') ?? 'nobody'
  const uploads = dropgate({
    storage: {
      ...storage,
      create(upload) {
        creations++
        return storage.create(upload)
      },
    },
    log: () => {},
    authorize,
    onUploadFinish: (file, { request }) => {
      const owner = authorize(request)
      kept.set(owner, (kept.get(owner) ?? 0) + file.size)
    },
    ...options,
  })
  return { uploads, storage, kept, creations: () => creations, used: (owner: string) => kept.get(owner) ?? 0 }
}

function form(size: number, user = 'ann', name = 'a.bin'): Request {
  const body = new FormData()
  body.set('file', new File([new Uint8Array(size)], name))
  return new Request('http://localhost/uploads', { method: 'POST', body, headers: { 'X-User': user } })
}

const tus = (method: string, path: string, headers: Record<string, string>, body?: Uint8Array<ArrayBuffer>) =>
  new Request(`http://localhost${path}`, {
    method,
    headers: { 'Tus-Resumable': '1.0.0', 'X-User': 'ann', ...headers },
    ...(body && { body }),
  })

const create = (length: number) =>
  tus('POST', '/uploads', { 'Upload-Length': String(length), 'Upload-Metadata': 'filename YS5iaW4=' })

describe('requests a minute', () => {
  test('the next one is refused in words, before the disk has any work, and told when to come again', async () => {
    const { uploads, creations } = receiver({ limits: { requestsPerMinute: 2 } })
    for (let i = 0; i < 2; i++) expect((await uploads.handle(form(1))).status).toBe(201)
    const refused = await uploads.handle(form(1))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('30')
    expect(await refused.text()).toBe('Too many uploads. Try again in 30 seconds.')
    expect(creations()).toBe(2)
    expect((await uploads.handle(form(1, 'bob'))).status).toBe(201)
  })

  test('a tus request with bytes counts, a question does not', async () => {
    const { uploads } = receiver({ limits: { requestsPerMinute: 2 } })
    const location = new URL((await uploads.handle(create(4))).headers.get('Location') ?? '', 'http://localhost')
      .pathname
    for (let i = 0; i < 9; i++) expect((await uploads.handle(tus('HEAD', location, {}))).status).toBe(200)
    const patch = () =>
      tus(
        'PATCH',
        location,
        { 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
        new Uint8Array(4),
      )
    expect((await uploads.handle(patch())).status).toBe(204)
    expect((await uploads.handle(create(4))).status).toBe(429)
  })

  test('another site cannot use up what a visitor may do', async () => {
    const { uploads } = receiver({ limits: { requestsPerMinute: 1 } })
    const foreign = form(1)
    foreign.headers.set('Sec-Fetch-Site', 'cross-site')
    expect((await uploads.handle(foreign)).status).toBe(403)
    expect((await uploads.handle(form(1))).status).toBe(201)
  })

  test('without authorize it is the address that counts; a proxy is looked through where it is trusted', async () => {
    const storage = memoryStorage()
    const uploads = dropgate({ storage, log: () => {}, limits: { requestsPerMinute: 1 }, trustedProxies: ['10.0.0.1'] })
    const from = (remoteAddress: string, forwarded?: string) => {
      const request = form(1)
      if (forwarded) request.headers.set('X-Forwarded-For', forwarded)
      return uploads.handle(request, { remoteAddress }).then(({ status }) => status)
    }
    expect(await from('10.0.0.1', '9.9.9.9')).toBe(201)
    expect(await from('10.0.0.1', '8.8.8.8')).toBe(201)
    expect(await from('9.9.9.9', '1.2.3.4')).toBe(429)
  })
})

describe('uploads at once', () => {
  test('a burst: so many run, the others hear it at once, and afterwards there is room again', async () => {
    const open: (() => void)[] = []
    const { uploads } = receiver({
      limits: { parallel: 3 },
      onUploadCreate: () => new Promise<void>(resolve => open.push(resolve)),
    })
    const all = Array.from({ length: 10 }, () => uploads.handle(form(1)))
    const early = await Promise.race(all)
    expect(early.status).toBe(429)
    while (open.length < 3) await new Promise(resolve => setTimeout(resolve, 1))
    for (const go of open) go()
    const statuses = (await Promise.all(all)).map(({ status }) => status)
    expect(statuses.filter(status => status === 201)).toHaveLength(3)
    expect(statuses.filter(status => status === 429)).toHaveLength(7)
    const after = uploads.handle(form(1))
    while (open.length < 4) await new Promise(resolve => setTimeout(resolve, 1))
    open[3]?.()
    expect((await after).status).toBe(201)
  })

  test('files() counts as well, and a refused one gives its place back', async () => {
    const { uploads } = receiver({ limits: { parallel: 1 } })
    for (let i = 0; i < 3; i++) {
      const read = async () => {
        for await (const file of uploads.files(form(1))) if (file.size !== 1) throw new UploadError('rejected', 'No.')
      }
      await expect(read()).rejects.toThrow('No.')
    }
    const whole = []
    for await (const file of uploads.files(form(1))) whole.push(await file.save())
    expect(whole).toHaveLength(1)
  })
})

describe('quota', () => {
  test('50 parallel uploads at the edge: the sum never exceeds it, and the text says why', async () => {
    const engine = receiver()
    const { uploads } = receiver({
      limits: { quota: { bytes: 10 * KiB, used: owner => engine.used(owner) } },
      onUploadFinish: async (file, { request }) => {
        await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
        const owner = request.headers.get('x-user') as string
        engine.kept.set(owner, (engine.kept.get(owner) ?? 0) + file.size)
      },
    })
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const response = await uploads.handle(form(KiB, 'ann', `${i}.bin`))
        return { status: response.status, text: await response.text() }
      }),
    )
    const kept = answers.filter(({ status }) => status === 201)
    expect(engine.used('ann')).toBe(kept.length * KiB)
    expect(engine.used('ann')).toBeLessThanOrEqual(10 * KiB)
    expect(kept.length).toBeGreaterThan(0)
    const refused = answers.filter(({ status }) => status !== 201)
    expect(new Set(refused.map(({ text }) => text))).toEqual(new Set(['You have used all of your storage.']))
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([413]))
    expect((await uploads.handle(form(KiB, 'bob'))).status).toBe(201)
  })

  test('an unfinished upload has its whole length set aside, until it is given up', async () => {
    const kept = receiver()
    const { uploads } = receiver({ limits: { quota: { bytes: 10 * KiB, used: owner => kept.used(owner) } } })
    const created = await uploads.handle(create(8 * KiB))
    expect(created.status).toBe(201)
    expect((await uploads.handle(create(4 * KiB))).status).toBe(413)
    expect((await uploads.handle(form(4 * KiB))).status).toBe(413)
    expect((await uploads.handle(form(KiB))).status).toBe(201)
    const location = new URL(created.headers.get('Location') ?? '', 'http://localhost').pathname
    expect((await uploads.handle(tus('DELETE', location, {}))).status).toBe(204)
    expect((await uploads.handle(form(4 * KiB))).status).toBe(201)
  })

  test('an upload of unknown length and chunks are counted as they come', async () => {
    const { uploads } = receiver({ limits: { quota: { bytes: 4 * KiB, used: () => 0 } } })
    const deferred = tus('POST', '/uploads', { 'Upload-Defer-Length': '1' })
    const location = new URL((await uploads.handle(deferred)).headers.get('Location') ?? '', 'http://x').pathname
    const patch = (offset: number, size: number) =>
      tus(
        'PATCH',
        location,
        { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
        new Uint8Array(size),
      )
    expect((await uploads.handle(patch(0, 3 * KiB))).status).toBe(204)
    const chunk = (index: number) => {
      const body = new FormData()
      const fields = { dzuuid: '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10', dzchunkindex: index, dztotalfilesize: 3 * KiB }
      const rest = { dzchunksize: KiB, dztotalchunkcount: 3, dzchunkbyteoffset: index * KiB }
      for (const [name, value] of Object.entries({ ...fields, ...rest })) body.set(name, String(value))
      body.set('file', new File([new Uint8Array(KiB)], 'c.bin'))
      return new Request('http://localhost/uploads', { method: 'POST', body, headers: { 'X-User': 'ann' } })
    }
    expect((await uploads.handle(chunk(0))).status).toBe(201)
    const over = await uploads.handle(chunk(1))
    expect([over.status, await over.text()]).toEqual([413, 'You have used all of your storage.'])
    // The refusal took the first chunk with it, and its bytes.
    expect((await uploads.handle(patch(3 * KiB, KiB + 1))).status).toBe(413)
  })

  test('needs an owner: without authorize it is refused at start-up', () => {
    const limits = { quota: { bytes: '1 GiB', used: () => 0 } }
    expect(() => dropgate({ storage: memoryStorage(), limits })).toThrow(/limits\.quota .* authorize/)
  })
})
