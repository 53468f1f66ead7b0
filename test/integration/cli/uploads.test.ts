/** Four clients nobody here wrote, and the bytes that arrive. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { multipart, sendRaw, sha256, sha256OfFile, start, temporaryFolder } from './run.ts'

const bytes = randomBytes(3 * 1024 * 1024 + 17)
const hasPython = spawnSync('python3', ['--version']).status === 0

/** What a person would see in the folder. */
function visible(folder: string): string[] {
  return readdirSync(folder).filter(name => !name.startsWith('.'))
}

function form(name: string, content: Uint8Array<ArrayBuffer> | string = 'hello'): FormData {
  const data = new FormData()
  data.append('file', new Blob([content]), name)
  return data
}

describe('uploads to the command line', () => {
  it('takes a file from curl -F', async () => {
    const { url, directory } = await start()
    const source = join(temporaryFolder(), 'from-curl.bin')
    writeFileSync(source, bytes)
    const { stdout } = spawnSync('curl', ['-sS', '-w', '\n%{http_code}', '-F', `file=@${source}`, `${url}uploads`], {
      encoding: 'utf8',
    })
    expect(stdout.split('\n').at(-1)).toBe('201')
    expect(sha256OfFile(join(directory, 'from-curl.bin'))).toBe(sha256(bytes))
  })

  it('takes a file from fetch with FormData', async () => {
    const { url, directory } = await start()
    const answer = await fetch(`${url}uploads`, { method: 'POST', body: form('from-fetch.bin', new Uint8Array(bytes)) })
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ files: [{ name: 'from-fetch.bin', size: bytes.length }] })
    expect(sha256OfFile(join(directory, 'from-fetch.bin'))).toBe(sha256(bytes))
  })

  it.skipIf(!hasPython)("takes a file from Python's http.client (needs python3)", async () => {
    const { port, directory } = await start()
    const source = join(temporaryFolder(), 'body')
    writeFileSync(source, multipart('python-boundary', 'from-python.bin', bytes))
    const script = `
import http.client, sys
connection = http.client.HTTPConnection('127.0.0.1', ${port})
with open(sys.argv[1], 'rb') as body:
    connection.request('POST', '/uploads', body, {'Content-Type': 'multipart/form-data; boundary=python-boundary'})
print(connection.getresponse().status)
`
    const { stdout, stderr } = spawnSync('python3', ['-c', script, source], { encoding: 'utf8' })
    expect(stdout.trim(), stderr).toBe('201')
    expect(sha256OfFile(join(directory, 'from-python.bin'))).toBe(sha256(bytes))
  })

  it('takes a file from a raw socket', async () => {
    const { port, directory } = await start()
    const body = multipart('raw', 'from-socket.bin', bytes)
    const head = [
      'POST /uploads HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Content-Type: multipart/form-data; boundary=raw',
      `Content-Length: ${body.length}`,
      'Connection: close',
      '\r\n',
    ].join('\r\n')
    expect(await sendRaw(port, head, body)).toMatch(/^HTTP\/1\.1 201 /)
    expect(sha256OfFile(join(directory, 'from-socket.bin'))).toBe(sha256(bytes))
  })

  it('keeps the second file of a name beside the first', async () => {
    const { url, directory } = await start()
    for (const content of ['one', 'two']) {
      await fetch(`${url}uploads`, { method: 'POST', body: form('same.txt', content) })
    }
    expect(visible(directory).sort()).toEqual(['same (1).txt', 'same.txt'])
  })

  it('prints one line for a file kept and one for a file refused', async () => {
    const running = await start('--accept', 'image/*,.pdf', '--max-file-size', '1MiB')
    await fetch(`${running.url}uploads`, { method: 'POST', body: form('fine.pdf', Buffer.from('%PDF-')) })
    const refused = await fetch(`${running.url}uploads`, { method: 'POST', body: form('bad.exe') })
    expect(refused.status).toBe(415)
    await running.waitFor(/^refused/)
    expect(running.lines.slice(1)).toEqual(['kept fine.pdf (5 bytes)', `refused bad.exe: ${await refused.text()}`])
    expect(visible(running.directory)).toEqual(['fine.pdf'])
  })

  it('refuses a file over --max-file-size and leaves nothing', async () => {
    const { url, directory } = await start('--max-file-size', '1MiB')
    const answer = await fetch(`${url}uploads`, { method: 'POST', body: form('big.bin', new Uint8Array(bytes)) })
    expect(answer.status).toBe(413)
    expect(await answer.text()).toMatch(/^File is too big/)
    expect(visible(directory)).toEqual([])
  })

  it('has no limit of size by default', async () => {
    const { url } = await start()
    const page = await (await fetch(url)).text()
    expect(page).toContain('"maxFilesize":null')
  })

  it('refuses more files than --max-files', async () => {
    const { url, directory } = await start('--max-files', '1')
    const data = form('one.txt')
    data.append('file', new Blob(['2']), 'two.txt')
    expect((await fetch(`${url}uploads`, { method: 'POST', body: data })).status).toBe(413)
    expect(visible(directory)).toEqual([])
  })

  it('gives random names with --naming random', async () => {
    const { url, directory } = await start('--naming', 'random')
    await fetch(`${url}uploads`, { method: 'POST', body: form('holiday.JPG') })
    expect(visible(directory)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.jpg$/i)])
  })

  it('cannot be made to print control characters', async () => {
    const running = await start('--accept', '.png')
    const body = multipart('b', 'a\u001b[31m\u009b\u202ered.txt', Buffer.from('x'))
    const answer = await fetch(`${running.url}uploads`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    })
    expect(answer.status).toBe(415)
    const line = await running.waitFor(/^refused/)
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })

  it('speaks JSON with --json', async () => {
    const running = await start('--json', '--accept', '.txt')
    await fetch(`${running.url}uploads`, { method: 'POST', body: form('a "b".txt') })
    await fetch(`${running.url}uploads`, { method: 'POST', body: form('b.exe') })
    await running.waitFor(/refused/)
    const events = running.lines.map(line => JSON.parse(line) as { event: string; name?: string })
    expect(events[0]).toEqual({ event: 'listening', url: running.url, directory: running.directory })
    expect(events.slice(1)).toMatchObject([
      { event: 'kept', size: 5, protocol: 'form', upload: expect.stringMatching(/^[0-9a-f]{8}$/) },
      { event: 'refused', name: 'b.exe', code: 'type-not-allowed', status: 415, remoteAddress: '127.0.0.1' },
    ])
    expect(existsSync(join(running.directory, events[1]?.name as string))).toBe(true)
  })

  it('tells of uploads over several requests, and not of clients that ask after one that is gone', async () => {
    const running = await start('--accept', '.txt')
    const tus = { 'Tus-Resumable': '1.0.0' }
    const begin = (name: string) =>
      fetch(`${running.url}uploads`, {
        method: 'POST',
        headers: { ...tus, 'Upload-Length': '5', 'Upload-Metadata': `filename ${btoa(name)}` },
      })
    await fetch(`${running.url}uploads/${'0'.repeat(32)}`, { method: 'HEAD', headers: tus })
    expect((await begin('b.exe')).status).toBe(415)
    const url = new URL((await begin('a.txt')).headers.get('location') ?? '', running.url)
    const headers = { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' }
    await fetch(url, { method: 'PATCH', headers, body: 'hello' })
    await running.waitFor(/^kept a\.txt/)
    expect(running.lines.slice(1)).toEqual([expect.stringMatching(/^refused/), expect.stringMatching(/^kept/)])
  })
})
