/** Uploads over several requests pass the same checks against other sites as forms. */
import { expect, test } from 'vitest'
import { type DropgateOptions, dropgate, UploadError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { named } from './real-server.ts'

const tus = { 'Tus-Resumable': '1.0.0' }
const octets = { 'Content-Type': 'application/offset+octet-stream' }

/** An engine with tokens, and visitors with a cookie and a page each. */
function serve(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const csrf = { secret: 'a secret of sixteen letters' }
  const uploads = dropgate({ storage, csrf, log: () => {}, ...options })
  const visitor = () => {
    const page = uploads.pageSync(new Request('http://localhost/'))
    const cookie = [...page.headers].map(([, value]) => value.split(';')[0]).join('; ')
    const own = { cookie, 'X-CSRFToken': page.csrfToken() }
    const send = async (method: string, url: string, headers: Record<string, string> = {}, body?: string) => {
      const init = { method, headers: { ...tus, ...own, ...headers }, ...(body !== undefined && { body }) }
      const answer = await uploads.handle(new Request(new URL(url, 'http://localhost'), init))
      return { status: answer.status, text: await answer.text(), url: answer.headers.get('location') ?? '' }
    }
    return { send, token: own['X-CSRFToken'] }
  }
  const names = async () => (await storage.list()).map(file => file.name).sort()
  return { visitor, names }
}

test('without a token nothing is begun, continued or removed', async () => {
  const { visitor, names } = serve()
  const { send } = visitor()
  const { url, status } = await send('POST', '/uploads', { 'Upload-Length': '2', ...named('a.txt') })
  expect(status).toBe(201)
  const none = { 'X-CSRFToken': '' }
  const refused = [
    await send('POST', '/uploads', { 'Upload-Length': '2', ...none }),
    await send('PATCH', url, { 'Upload-Offset': '0', ...octets, ...none }, 'ab'),
    await send('POST', url, { 'Upload-Offset': '0', ...octets, ...none, 'X-HTTP-Method-Override': 'PATCH' }, 'ab'),
    await send('GET', url, { ...none, 'X-HTTP-Method-Override': 'DELETE' }),
    await send('DELETE', url, none),
  ]
  expect(refused.map(answer => [answer.status, answer.text])).toEqual(
    Array(5).fill([400, 'The CSRF token is missing.']),
  )
  expect((await send('PATCH', url, { 'Upload-Offset': '0', ...octets }, 'ab')).status).toBe(204)
  expect(await names()).toEqual(['a.txt'])
})

test('row 61: an override does not switch the check off', async () => {
  const { visitor } = serve()
  const { send } = visitor()
  const { url } = await send('POST', '/uploads', { 'Upload-Length': '2', ...named('a.txt') })
  // tus has no GET, and OPTIONS is answered to everybody and does nothing.
  for (const [safe, expected] of Object.entries({ GET: 405, HEAD: 400, OPTIONS: 204 })) {
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const headers = { 'X-CSRFToken': '', 'X-HTTP-Method-Override': safe, 'Upload-Offset': '0', ...octets }
      const { status } = await send(method, url, headers)
      expect(status, `${method} as ${safe}`).toBe(expected)
    }
  }
  expect((await send('HEAD', url)).status, 'still there').toBe(200)
})

test('an upload is its visitor’s own: another one with a good token does not find it', async () => {
  const { visitor } = serve()
  const one = visitor()
  const { url } = await one.send('POST', '/uploads', { 'Upload-Length': '2', ...named('a.txt') })
  const other = visitor()
  expect((await other.send('HEAD', url)).status).toBe(404)
  expect((await other.send('PATCH', url, { 'Upload-Offset': '0', ...octets }, 'ab')).status).toBe(404)
  expect((await one.send('HEAD', url)).status).toBe(200)
})

test('a page’s number of files holds over all of its uploads; a refused one does not count', async () => {
  const { visitor, names } = serve({
    policy: { maxFiles: 2 },
    validate: ({ head }) => {
      if (head[0] === 0x21) throw new UploadError('rejected')
    },
  })
  const { send } = visitor()
  const upload = async (name: string, body: string) => {
    const { url, status, text } = await send('POST', '/uploads', { 'Upload-Length': '2', ...named(name) })
    if (status !== 201) return [status, text]
    const answer = await send('PATCH', url, { 'Upload-Offset': '0', ...octets }, body)
    return [answer.status, answer.text]
  }
  expect(await upload('a.txt', 'ab')).toEqual([204, ''])
  expect(await upload('b.txt', '!!')).toEqual([422, 'The file was rejected.'])
  expect(await upload('c.txt', 'ab')).toEqual([204, ''])
  expect(await upload('d.txt', 'ab')).toEqual([413, 'You can not upload any more files.'])
  expect(await names()).toEqual(['a.txt', 'c.txt'])
})
