/** Whoever brings the last byte is told of the file what a form would have been told, and is told the same again. */
import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { named } from './real-server.ts'

const tus = { 'Tus-Resumable': '1.0.0' }
const octets = { 'Content-Type': 'application/offset+octet-stream' }
const partial = { 'Content-Type': 'application/partial-upload', 'Upload-Complete': '?1' }

interface Entry {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly type: string
  readonly deleteUrl?: string
}

function serve(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const csrf = { secret: 'a secret of sixteen letters' }
  const uploads = dropgate({ storage, csrf, dropArea: { deleteOnRemove: true }, log: () => {}, ...options })
  const visitor = () => {
    const page = uploads.pageSync(new Request('http://localhost/'))
    const cookie = [...page.headers].map(([, value]) => value.split(';')[0]).join('; ')
    const again = () => uploads.pageSync(new Request('http://localhost/', { headers: { cookie } })).csrfToken()
    const own = { cookie, 'X-CSRFToken': page.csrfToken() }
    const send = async (method: string, url: string, headers: Record<string, string> = {}, body?: BodyInit) => {
      const init = { method, headers: { ...own, ...headers }, ...(body !== undefined && { body }) }
      const answer = await uploads.handle(new Request(new URL(url, 'http://localhost'), init))
      const text = await answer.text()
      return { status: answer.status, text, headers: answer.headers, url: answer.headers.get('location') ?? '' }
    }
    return { send, again }
  }
  const names = async () => (await storage.list()).map(file => file.name).sort()
  return { visitor, names }
}

const fileOf = (headers: Headers) => JSON.parse(headers.get('dropgate-file') ?? '{}') as Entry

describe('tus', () => {
  test('the last PATCH, its repetition and HEAD tell the file with its delete URL; nothing before does', async () => {
    const { visitor, names } = serve()
    const { send, again } = visitor()
    const begun = await send('POST', '/uploads', { ...tus, 'Upload-Length': '4', ...named('Grüße 😀.txt') })
    expect(begun.headers.get('dropgate-file')).toBeNull()
    const patch = { ...tus, ...octets }
    const half = await send('PATCH', begun.url, { ...patch, 'Upload-Offset': '0' }, 'ab')
    expect(half.headers.get('dropgate-file')).toBeNull()
    const last = await send('PATCH', begun.url, { ...patch, 'Upload-Offset': '2' }, 'cd')
    const file = fileOf(last.headers)
    expect(file).toEqual({
      id: expect.any(String),
      name: 'Grüße 😀.txt',
      size: 4,
      type: '',
      deleteUrl: expect.any(String),
    })
    expect(last.headers.get('dropgate-file')).toMatch(/^[\x20-\x7e]+$/)
    // From another page of the same visitor.
    const other = { ...patch, 'X-CSRFToken': again() }
    const repeated = await send('PATCH', begun.url, { ...other, 'Upload-Offset': '2' }, 'cd')
    const head = await send('HEAD', begun.url, tus)
    for (const { headers } of [repeated, head]) expect(fileOf(headers)).toEqual(file)

    expect((await send('DELETE', file.deleteUrl ?? '')).status).toBe(204)
    expect(await names()).toEqual([])
  })

  test('a file of one request, an empty one and a joined one too', async () => {
    const { visitor } = serve()
    const { send } = visitor()
    const whole = { ...tus, ...octets, 'Upload-Length': '2', ...named('one.txt') }
    expect(fileOf((await send('POST', '/uploads', whole, 'ab')).headers)).toMatchObject({ name: 'one.txt', size: 2 })
    const empty = await send('POST', '/uploads', { ...tus, 'Upload-Length': '0', ...named('empty.txt') })
    expect(fileOf(empty.headers)).toMatchObject({ name: 'empty.txt', size: 0 })
    const part = { ...tus, ...octets, 'Upload-Length': '2', 'Upload-Concat': 'partial' }
    const { url, headers } = await send('POST', '/uploads', part, 'ab')
    expect(headers.get('dropgate-file')).toBeNull()
    const join = { ...tus, 'Upload-Concat': `final;${url} ${url}`, ...named('joined.txt') }
    expect(fileOf((await send('POST', '/uploads', join)).headers)).toMatchObject({ name: 'joined.txt', size: 4 })
  })
})

test('IETF: the body is that of a form, and the same when the last request is repeated', async () => {
  const { visitor, names } = serve()
  const { send, again } = visitor()
  const begun = await send('POST', '/uploads?name=a.txt', { 'Upload-Complete': '?0' }, 'ab')
  const last = await send('PATCH', begun.url, { ...partial, 'Upload-Offset': '2' }, 'cd')
  const other = { ...partial, 'X-CSRFToken': again() }
  const repeated = await send('PATCH', begun.url, { ...other, 'Upload-Offset': '2' }, 'cd')
  expect([repeated.status, repeated.text]).toEqual([last.status, last.text])
  const form = new FormData()
  form.append('file', new File(['abcd'], 'b.txt'))
  const sent = await send('POST', '/uploads', {}, form)
  const keys = (text: string) => Object.keys((JSON.parse(text) as { files: Entry[] }).files[0] ?? {})
  expect(keys(last.text)).toEqual(keys(sent.text))
  const [file] = (JSON.parse(last.text) as { files: Entry[] }).files
  expect((await visitor().send('DELETE', file?.deleteUrl ?? '')).status, 'by somebody else').toBe(404)
  expect((await send('DELETE', file?.deleteUrl ?? '')).status).toBe(204)
  expect(await names()).toEqual(['b.txt'])
})

test('a deleted file gives its place on the page back, and a later one of the same name stays', async () => {
  const { visitor, names } = serve({ policy: { maxFiles: 1 } })
  const { send } = visitor()
  const whole = { ...tus, ...octets, 'Upload-Length': '2', ...named('one.txt') }
  const { deleteUrl = '' } = fileOf((await send('POST', '/uploads', whole, 'ab')).headers)
  expect((await send('POST', '/uploads', whole, 'ab')).status).toBe(413)
  expect((await send('DELETE', deleteUrl)).status).toBe(204)
  expect((await send('POST', '/uploads', whole, 'ab')).status).toBe(201)
  expect((await send('DELETE', deleteUrl)).status).toBe(404)
  expect(await names()).toEqual(['one.txt'])
})

test('without deleteOnRemove there is no URL', async () => {
  const { visitor } = serve({ dropArea: {} })
  const whole = { ...tus, ...octets, 'Upload-Length': '2', ...named('one.txt') }
  const file = fileOf((await visitor().send('POST', '/uploads', whole, 'ab')).headers)
  expect(Object.keys(file)).toEqual(['id', 'name', 'size', 'type'])
})
