/** The page, the downloads, the token. */
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { start } from './run.ts'

async function upload(url: string, name: string, content = 'hello', headers: Record<string, string> = {}) {
  const data = new FormData()
  data.append('file', new Blob([content]), name)
  return fetch(`${url}uploads`, { method: 'POST', body: data, headers })
}

/** fetch() sets Host and tidies paths by itself; this does neither. */
function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', path, headers, agent: false }, res => {
      let text = ''
      res.setEncoding('utf8').on('data', chunk => (text += chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }))
    })
    req.on('error', reject).end()
  })
}

const policy = "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; frame-ancestors 'none'"

describe('the drop page', () => {
  it('is sent with its security headers and nothing inline that could run', async () => {
    const { url } = await start()
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toBe(policy)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const html = await answer.text()
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/i)
    const scripts = [...html.matchAll(/<script\b([^>]*)>/g)].map(match => match[1] as string)
    expect(scripts.length).toBeGreaterThan(0)
    for (const attributes of scripts) expect(attributes).toMatch(/ src="\/|type="application\/json"/)
  })

  it('links only to files that are there', async () => {
    const { url } = await start()
    const html = await (await fetch(url)).text()
    const links = [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="(\/[^"]*)"/g)].map(
      match => match[1] as string,
    )
    expect(links).toContain('/style.css')
    expect(links.length).toBeGreaterThanOrEqual(3)
    for (const link of links) expect((await fetch(new URL(link, url))).status, link).toBe(200)
  })

  it('tells the limits in words', async () => {
    const { url } = await start('--accept', '.pdf', '--max-file-size', '20MiB')
    expect(await (await fetch(url)).text()).toMatch(/20 MiB/)
  })

  it('lists the files with size, time and a link, newest first', async () => {
    const { url } = await start()
    await upload(url, 'first.txt')
    await new Promise(resolve => setTimeout(resolve, 20))
    await upload(url, 'second & <b>.txt', 'x'.repeat(1536))
    const html = await (await fetch(url)).text()
    expect(html).not.toContain('<b>')
    const links = [...html.matchAll(/<li><a href="\/files\/([^"]+)"/g)].map(match =>
      decodeURIComponent(match[1] as string),
    )
    expect(links).toHaveLength(2)
    expect(links[1]).toBe('first.txt')
    expect(html).toContain('1.5 KiB')
    expect(html).toMatch(/<time datetime="\d{4}-\d\d-\d\dT[\d:.]+Z">/)
  })

  it('answers 404 in words elsewhere', async () => {
    const { url } = await start()
    const answer = await fetch(`${url}elsewhere`)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      404,
      'text/plain; charset=utf-8',
      'Not found.',
    ])
    expect((await fetch(`${url}elsewhere`, { method: 'PUT', body: 'x' })).status).toBe(404)
  })

  it('does not answer to foreign names while it is open to this machine', async () => {
    const { port } = await start()
    expect((await get(port, '/', { Host: 'evil.example' })).status).toBe(403)
    expect((await get(port, '/', { Host: `localhost:${port}` })).status).toBe(200)
  })

  it('refuses uploads from other sites', async () => {
    const { url } = await start()
    expect((await upload(url, 'a.txt', 'x', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await upload(url, 'a.txt', 'x', { Origin: 'http://evil.example' })).status).toBe(403)
  })
})

describe('downloads', () => {
  it('end in the percent-encoded name and come as an attachment that cannot run', async () => {
    const { url } = await start()
    const name = 'Übung 100% 😀.html'
    const stored = ((await (await upload(url, name, '<script>1</script>')).json()) as { files: { name: string }[] })
      .files[0]
    expect(stored?.name).toBe(name)
    const link = `files/${encodeURIComponent(name)}`
    expect(await (await fetch(url)).text()).toContain(`href="/${link}"`)
    const answer = await fetch(url + link)
    expect(await answer.text()).toBe('<script>1</script>')
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('content-length')).toBe('18')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="_bung 100_ _.html"; filename*=UTF-8''${encodeURIComponent(name)}`,
    )
  })

  it('answer HEAD without a body', async () => {
    const { url } = await start()
    await upload(url, 'a.txt')
    const answer = await fetch(`${url}files/a.txt`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '5', ''])
  })

  it.each([
    '/files/',
    '/files/gone.txt',
    '/files/.dropgate',
    '/files/%2e%2e',
    '/files/..%2f..%2fetc%2fpasswd',
    '/files/../../../../etc/passwd',
    '/files//etc/passwd',
    '/files/..%5cpasswd',
    '/files/a%00.txt',
    '/files/%ff',
    '/files/%',
  ])('do not give %s', async path => {
    const { port } = await start()
    expect(await get(port, path)).toEqual({ status: 404, text: 'Not found.' })
  })
})

describe('a token', () => {
  const token = 's3cret-Token'

  it('is asked for on the page and before every upload and download', async () => {
    const running = await start('--token', token)
    const page = await fetch(running.url)
    expect(page.status).toBe(401)
    expect(page.headers.get('content-security-policy')).toBe(policy)
    expect(await page.text()).toContain('action="/token"')
    const answer = await upload(running.url, 'a.txt')
    expect([answer.status, await answer.text()]).toEqual([401, 'A valid token is needed to upload files here.'])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect((await fetch(`${running.url}files/a.txt`)).status).toBe(401)
    const id = `${running.url}uploads/0123456789abcdef0123456789abcdef`
    for (const path of [id, `${id}?key=x`, `${running.url}uploads/csrf`]) {
      for (const method of ['GET', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS']) {
        expect((await fetch(path, { method })).status, `${method} ${path}`).toBe(401)
        const headers = { Authorization: `Bearer ${token}` }
        expect((await fetch(path, { method, headers })).status, `${method} ${path}`).not.toBe(401)
      }
    }
    expect(await running.waitFor(/^refused/)).toBe('refused a request: A valid token is needed to upload files here.')
  })

  it('is taken as a Bearer', async () => {
    const { url } = await start('--token', token)
    const headers = { Authorization: `Bearer ${token}` }
    expect((await upload(url, 'a.txt', 'hello', headers)).status).toBe(201)
    expect(await (await fetch(`${url}files/a.txt`, { headers })).text()).toBe('hello')
    expect((await fetch(url, { headers })).status).toBe(200)
    for (const wrong of [`Bearer ${token}x`, 'Bearer ', `Basic ${token}`, `Bearer ${token.toLowerCase()}`]) {
      expect((await upload(url, 'a.txt', 'hello', { Authorization: wrong })).status, wrong).toBe(401)
    }
  })

  it('becomes a cookie that scripts cannot read and that does not tell it', async () => {
    const { url } = await start('--token', token)
    const send = (text: string) =>
      fetch(`${url}token`, { method: 'POST', body: new URLSearchParams({ token: text }), redirect: 'manual' })
    const wrong = await send('wrong')
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
    expect(await wrong.text()).toContain('This is not the token.')
    const right = await send(token)
    expect([right.status, right.headers.get('location')]).toEqual([303, '/'])
    const cookie = right.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/)
    expect(cookie).not.toContain(token)
    const headers = { Cookie: `other=1; ${cookie.split(';')[0]}` }
    expect((await fetch(url, { headers })).status).toBe(200)
    expect((await upload(url, 'a.txt', 'x', headers)).status).toBe(201)
    expect((await upload(url, 'a.txt', 'x', { Cookie: `dropgate_token=${token}` })).status).toBe(401)
  })

  it('form is not read without end', async () => {
    const { url } = await start('--token', token)
    const answer = await fetch(`${url}token`, { method: 'POST', body: `token=${'x'.repeat(10_000)}` })
    expect(answer.status).toBe(413)
  })
})
