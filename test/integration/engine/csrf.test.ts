import { describe, expect, test } from 'vitest'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'

const secret = 'a secret of sixteen letters'

/** An engine, a visitor with a cookie jar, and a clock that is moved by hand. */
function visit(options: Partial<DropgateOptions> = {}, origin = 'http://localhost') {
  const storage = memoryStorage()
  const time = { now: 1_800_000_000_000 }
  const clock = { now: () => time.now }
  const uploads = dropgate({ storage, csrf: { secret }, clock, log: () => {}, ...options })
  const jar = new Map<string, string>()
  const request = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    return new Request(origin + path, { ...init, headers })
  }
  const keep = (headers: Iterable<readonly [string, string]>) => {
    for (const [name, value] of headers) {
      const [cookie] = value.split(';')
      if (name.toLowerCase() === 'set-cookie' && cookie) jar.set(...(cookie.split('=') as [string, string]))
    }
  }
  const page = () => {
    const made = uploads.pageSync(request('/'))
    keep(made.headers)
    return made
  }
  const send = async (init: RequestInit, path = '/uploads') => {
    const response = await uploads.handle(request(path, { method: 'POST', ...init }))
    return { status: response.status, text: await response.text() }
  }
  const names = async () => (await storage.list()).map(file => file.name).sort()
  return { uploads, storage, time, jar, request, keep, page, send, names }
}

function formOf(fields: Record<string, string> = {}, ...names: string[]): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const name of names) form.append('file', new File(['x'], name))
  return form
}

describe('the token', () => {
  test('is taken from either header', async () => {
    const { page, send, names } = visit()
    const token = page().csrfToken()
    for (const header of ['X-CSRFToken', 'X-CSRF-Token']) {
      expect(await send({ body: formOf({}, `${header}.txt`), headers: { [header]: token } })).toMatchObject({
        status: 201,
      })
    }
    expect(await names()).toHaveLength(2)
  })

  test('is taken from a field before the first file, also from a prefixed one', async () => {
    const { page, send } = visit()
    const token = page().csrfToken()
    expect(await send({ body: formOf({ csrf_token: token }, 'a') })).toMatchObject({ status: 201 })
    expect(await send({ body: formOf({ 'login-csrf_token': token }, 'b') })).toMatchObject({ status: 201 })
  })

  test('after the file it is too late, and nothing is stored', async () => {
    const { page, send, names } = visit()
    const form = formOf({}, 'a')
    form.append('csrf_token', page().csrfToken())
    expect(await send({ body: form })).toEqual({ status: 400, text: 'The CSRF token is missing.' })
    expect(await names()).toEqual([])
  })

  test('is never taken from the query or a cookie', async () => {
    const { page, send, jar } = visit()
    const token = page().csrfToken()
    jar.set('csrf_token', token)
    expect(await send({ body: formOf({}, 'a') }, `/uploads?csrf_token=${token}`)).toMatchObject({ status: 400 })
  })

  test('a missing session has its own text', async () => {
    const { page, send, jar } = visit()
    const token = page().csrfToken()
    jar.clear()
    const headers = { 'X-CSRFToken': token }
    expect(await send({ body: formOf({}, 'a'), headers })).toEqual({
      status: 400,
      text: 'The CSRF session token is missing.',
    })
  })

  test('another visitor cannot use it', async () => {
    const mine = visit()
    const theirs = visit()
    theirs.page()
    const headers = { 'X-CSRFToken': mine.page().csrfToken() }
    expect(await theirs.send({ body: formOf({}, 'a'), headers })).toEqual({
      status: 400,
      text: 'The CSRF tokens do not match.',
    })
  })

  test('expires after an hour; a transfer that began in time is not cut', async () => {
    const { page, send, time } = visit()
    const headers = { 'X-CSRFToken': page().csrfToken() }
    time.now += 3_599_000
    expect(await send({ body: formOf({}, 'a'), headers })).toMatchObject({ status: 201 })
    time.now += 2_000
    expect(await send({ body: formOf({}, 'a'), headers })).toEqual({ status: 400, text: 'The CSRF token has expired.' })
  })

  test('a raw body needs it in a header, and is refused unread', async () => {
    const { page, send } = visit()
    const token = page().csrfToken()
    expect(await send({ body: 'x' }, '/uploads?name=a')).toMatchObject({ status: 400 })
    expect(await send({ body: 'x', headers: { 'X-CSRFToken': token } }, '/uploads?name=a')).toMatchObject({
      status: 201,
    })
  })

  test('files() and receive() ask for it as well', async () => {
    const { uploads, request } = visit()
    const bare = () => request('/own', { method: 'POST', body: formOf({}, 'a') })
    await expect(uploads.receive(bare())).rejects.toMatchObject({ code: 'csrf-token-missing' })
    const loop = async () => {
      for await (const file of uploads.files(bare())) await file.save()
    }
    await expect(loop()).rejects.toMatchObject({ name: 'CsrfError', description: 'The CSRF token is missing.' })
  })

  test('is bound to the session of the app where there is one', async () => {
    let session: string | undefined = 'before login'
    const { page, send } = visit({ csrf: { secret, sessionId: () => session } })
    const made = page()
    expect(made.headers.some(([name]) => name === 'Set-Cookie')).toBe(false)
    const headers = { 'X-CSRFToken': made.csrfToken() }
    expect(await send({ body: formOf({}, 'a'), headers })).toMatchObject({ status: 201 })
    session = 'after login'
    expect((await send({ body: formOf({}, 'a'), headers })).text).toBe('The CSRF tokens do not match.')
  })
})

describe('the cookie', () => {
  test('has the __Host- prefix and Secure exactly over https', () => {
    const secure = visit({}, 'https://app.example')
    secure.page().csrfToken()
    expect([...secure.jar.keys()]).toEqual(['__Host-dropgate'])
    const plain = visit()
    const header = plain.page().headers.find(([name]) => name === 'Set-Cookie')?.[1]
    expect(header).toMatch(/^dropgate=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    const behindProxy = visit({ csrf: { secret, publicUrl: 'https://app.example' } })
    expect(behindProxy.page().headers[0]?.[1]).toMatch(/^__Host-dropgate=.*; Secure$/)
  })

  test('a page off loopback over plain http is told of once', () => {
    const lines: string[] = []
    const { uploads } = visit({ log: line => void lines.push(line) })
    const head = () => new Request('http://192.0.2.1/', { headers: { host: '192.0.2.1' } })
    uploads.pageSync(head())
    uploads.pageSync(head())
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('csrf.publicUrl')
  })

  test('a forged one is no session', async () => {
    const { page, send, jar } = visit()
    const headers = { 'X-CSRFToken': page().csrfToken() }
    jar.set('dropgate', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
    expect((await send({ body: formOf({}, 'a'), headers })).text).toBe('The CSRF session token is missing.')
  })
})

describe('GET <path>/csrf', () => {
  test('gives a fresh token and its age in seconds, to the same site only', async () => {
    const { uploads, request, keep, send } = visit()
    const response = await uploads.handle(request('/uploads/csrf'))
    keep(response.headers)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('vary')).toBe('Cookie, Sec-Fetch-Site')
    const { csrfToken, expiresIn } = (await response.json()) as { csrfToken: string; expiresIn: number }
    expect(expiresIn).toBe(3600)
    expect(await send({ body: formOf({}, 'a'), headers: { 'X-CSRFToken': csrfToken } })).toMatchObject({ status: 201 })
    const foreign = await uploads.handle(request('/uploads/csrf', { headers: { 'sec-fetch-site': 'cross-site' } }))
    expect([foreign.status, await foreign.text()]).toEqual([403, 'The request came from another site.'])
  })

  test('does not exist without a secret', async () => {
    const { uploads, request } = visit({ csrf: {} })
    expect((await uploads.handle(request('/uploads/csrf'))).status).toBe(404)
  })
})

describe('a page', () => {
  test('may send its number of files, over all its requests; a refused one does not count', async () => {
    const { page, send } = visit({ policy: { maxFiles: 2, accept: '.txt' } })
    const token = page().csrfToken()
    const one = (name: string) => send({ body: formOf({}, name), headers: { 'X-CSRFToken': token } })
    expect((await one('a.txt')).status).toBe(201)
    expect((await one('a.exe')).status).toBe(415)
    expect((await one('b.txt')).status).toBe(201)
    expect(await one('c.txt')).toEqual({ status: 413, text: 'You can not upload any more files.' })
    const other = page().csrfToken()
    expect((await send({ body: formOf({}, 'd.txt'), headers: { 'X-CSRFToken': other } })).status).toBe(201)
  })
})

describe('a delete URL', () => {
  test('deletes its own file once, and never a later one of the same name', async () => {
    const { page, uploads, request, names } = visit({ dropArea: { deleteOnRemove: true }, policy: { maxFiles: 1 } })
    const token = page().csrfToken()
    const headers = { 'X-CSRFToken': token }
    const upload = async (with_: Record<string, string>) => {
      const init = { method: 'POST', body: formOf({}, 'photo.jpg'), headers: with_ }
      const response = await uploads.handle(request('/uploads', init))
      return ((await response.json()) as { files: { deleteUrl: string }[] }).files[0]?.deleteUrl ?? ''
    }
    const remove = async (url: string) => (await uploads.handle(request(url, { method: 'DELETE', headers }))).status
    const url = await upload(headers)
    expect(await remove(url)).toBe(204)
    expect(await names()).toEqual([])
    // The page's count went down with it: one more may come.
    await upload(headers)
    expect(await remove(url)).toBe(404)
    expect(await names()).toEqual(['photo.jpg'])
  })

  test('is worth nothing to another visitor, nor without a token', async () => {
    const mine = visit({ dropArea: { deleteOnRemove: true } })
    const headers = { 'X-CSRFToken': mine.page().csrfToken() }
    const init = { method: 'POST', body: formOf({}, 'a'), headers }
    const response = await mine.uploads.handle(mine.request('/uploads', init))
    const url = ((await response.json()) as { files: { deleteUrl: string }[] }).files[0]?.deleteUrl ?? ''
    expect((await mine.uploads.handle(mine.request(url, { method: 'DELETE' }))).status).toBe(400)
    mine.jar.clear()
    const other = { 'X-CSRFToken': mine.page().csrfToken() }
    expect((await mine.uploads.handle(mine.request(url, { method: 'DELETE', headers: other }))).status).toBe(404)
    expect(await mine.names()).toEqual(['a'])
  })
})

describe('start-up', () => {
  test.each([
    ['', /csrf\.secret is not a secret: a secret key .* is required/],
    ['short', /csrf\.secret/],
    [undefined, /csrf\.secret/],
    [[], /csrf\.secret/],
  ])('a secret of %j is refused, and never shown', (value, sentence) => {
    const start = () => dropgate({ storage: memoryStorage(), csrf: { secret: value as string } })
    expect(start).toThrow(sentence)
    if (value === 'short') expect(start).not.toThrow(/"short"/)
  })
})
