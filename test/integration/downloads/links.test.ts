/** Signed URLs: the right to read one file for some time. */
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { nodeUploads } from '../../../src/node.ts'
import { store } from '../../unit/storages/temp-folder.ts'
import { serve } from '../adapters/serving.ts'

const secret = 'a secret of at least 16 letters'
const name = "Über 100% (1)'s.txt"

async function engine(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  await store(storage, name, new TextEncoder().encode('hello'))
  await store(storage, 'other.txt', new TextEncoder().encode('other'))
  let now = Date.UTC(2026, 0, 1)
  const clock = { now: () => now, pass: (seconds: number) => (now += seconds * 1000) }
  const uploads = dropgate({ storage, clock, downloads: { secret }, ...options })
  const get = (url: string, method = 'GET') => uploads.handle(new Request(new URL(url, 'http://x'), { method }))
  return { uploads, clock, get }
}

describe('a signed URL', () => {
  test('gives the file, over node:http as well', async () => {
    const { uploads } = await engine()
    const url = uploads.downloadUrl(name)
    expect(url).toMatch(/^\/uploads\/%C3%9Cber%20100%25%20\(1\)'s\.txt\?key=[\w-]+$/)
    const port = await serve(createServer(nodeUploads(uploads)))
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { headers: { Range: 'bytes=1-2' } })
    expect([answer.status, await answer.text()]).toEqual([206, 'el'])
    expect(answer.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect((await fetch(`http://127.0.0.1:${port}${url}`, { method: 'HEAD' })).headers.get('content-length')).toBe('5')
  })

  test('carries how the file is given out', async () => {
    const { uploads, get } = await engine()
    const answer = await get(uploads.downloadUrl(name, { inline: true, filename: 'b.txt' }))
    expect(answer.headers.get('content-disposition')).toBe(`inline; filename="b.txt"; filename*=UTF-8''b.txt`)
  })

  test('is good for an hour, or as long as it says, and then says so', async () => {
    const { uploads, get, clock } = await engine()
    const [hour, short] = [uploads.downloadUrl(name), uploads.downloadUrl(name, { expiresIn: 10 })]
    clock.pass(9)
    expect((await get(short)).status).toBe(200)
    clock.pass(1)
    const expired = await get(short)
    expect([expired.status, await expired.text()]).toEqual([403, 'This link has expired.'])
    clock.pass(3589)
    expect((await get(hour)).status).toBe(200)
    clock.pass(1)
    expect((await get(hour)).status).toBe(403)
  })

  test('is good for nothing when a letter of it differs, or for another file', async () => {
    const { uploads, get } = await engine()
    const url = uploads.downloadUrl(name)
    const at = url.indexOf('?key=') + 5
    const wrong = [url.replace(/^[^?]*/, '/uploads/other.txt'), url.replace(/^[^?]*/, '/uploads/gone.txt'), `${url}A`]
    wrong.push(url.slice(0, at), url.replace(/^[^?]*/, '/uploads/%ff'), url.replace(/^[^?]*/, '/uploads/'))
    for (let i = at; i < url.length; i++) wrong.push(url.slice(0, i) + (url[i] === 'A' ? 'B' : 'A') + url.slice(i + 1))
    for (const one of wrong) {
      const answer = await get(one)
      expect([answer.status, await answer.text()], one).toEqual([403, 'This link is not valid.'])
    }
  })

  test('tells nothing of files that are not there to whoever has no key', async () => {
    const { get } = await engine()
    for (const path of ['/uploads/other.txt?key=x', '/uploads/gone.txt?key=x']) {
      expect((await get(path)).status).toBe(403)
    }
    for (const path of ['/uploads/other.txt', '/uploads/other.txt?Key=x']) expect((await get(path)).status).toBe(404)
  })

  test('of a file that is gone is 404', async () => {
    const { uploads, get } = await engine()
    const answer = await get(uploads.downloadUrl('gone.txt'))
    expect([answer.status, await answer.text()]).toEqual([404, 'Not found.'])
  })

  test('is for reading only', async () => {
    const { uploads, get } = await engine()
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect((await get(uploads.downloadUrl(name), method)).status, method).toBe(404)
    }
  })

  test('of the name of another route is a file all the same', async () => {
    const { uploads, get } = await engine({ csrf: { secret } })
    const answer = await get(uploads.downloadUrl('csrf'))
    expect([answer.status, await answer.text()]).toEqual([404, 'Not found.'])
    expect((await get('/uploads/csrf')).headers.get('content-type')).toContain('json')
  })

  test('is no key of another purpose, nor of another secret', async () => {
    const { get } = await engine()
    const other = await engine({ downloads: { secret: 'another secret of 16 letters' } })
    expect((await get(other.uploads.downloadUrl(name))).status).toBe(403)
    const rotated = await engine({ downloads: { secret: ['the newest secret of them', secret] } })
    const { uploads } = await engine()
    expect((await rotated.get(uploads.downloadUrl(name))).status).toBe(200)
  })

  test('is signed with the secret of the tokens, where it has none of its own', async () => {
    const { uploads, get } = await engine({ downloads: true, csrf: { secret } })
    expect((await get(uploads.downloadUrl(name))).status).toBe(200)
  })

  test('is absolute where the public URL is told', async () => {
    const { uploads } = await engine({ publicUrl: 'https://files.example' })
    expect(uploads.downloadUrl(name)).toMatch(/^https:\/\/files\.example\/uploads\//)
  })

  test.each([0, -1, Number.NaN, 2e9, Number.POSITIVE_INFINITY, '60'])('is not made for %s seconds', async expiresIn => {
    const { uploads } = await engine()
    expect(() => uploads.downloadUrl(name, { expiresIn: expiresIn as number })).toThrow(
      /expiresIn is .*seconds above 0/,
    )
  })
})

describe('the option downloads', () => {
  test('is off: nothing is given out, and URLs are not made', async () => {
    const on = await engine()
    const { uploads, get } = await engine({ downloads: false })
    expect((await get(on.uploads.downloadUrl(name))).status).toBe(404)
    expect(() => uploads.downloadUrl(name)).toThrow(/downloads .*true or \{ secret \}/)
  })

  test.each([
    [{ downloads: true }, /downloads .*csrf\.secret/],
    [{ downloads: {} }, /downloads .*csrf\.secret/],
    [{ downloads: { secret: 'short' } }, /downloads\.secret .*16 characters/],
    [{ downloads: { secret: undefined } }, /downloads\.secret/],
    [{ downloads: { sekret: secret } }, /sekret/],
    [{ downloads: 5 }, /downloads .*an object/],
  ] as [Partial<DropgateOptions>, RegExp][])('%j is refused in words', (options, sentence) => {
    expect(() => dropgate({ storage: memoryStorage(), ...options })).toThrow(sentence)
  })

  test('needs a storage that can read', () => {
    const { create, append, commit, remove, stat } = memoryStorage()
    const storage = { create, append, commit, remove, stat }
    expect(() => dropgate({ storage, downloads: { secret } })).toThrow(/downloads .*cannot read/)
  })
})
