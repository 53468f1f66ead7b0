/** The look through all lines of logs, with which `npm test` ends (threat rows 38 and 77). */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dropgate, formatEvent, type NewUpload, type Storage, UploadError } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'
import { tapped } from '../support/lines.mjs'
import { root } from './tree.ts'

const { faultsOfLines, keptLines } = (await import(pathToFileURL(join(root, 'scripts/test-lines.mjs')).href)) as {
  faultsOfLines: (lines: readonly string[], least?: number) => string[]
  keptLines: (folder: string, format: typeof formatEvent) => string[]
}

/** What of an engine must not be in a log, fresh from an engine. */
async function secrets() {
  const secret = 'a secret of at least 16 letters'
  const uploads = dropgate({ storage: memoryStorage(), csrf: { secret }, downloads: { secret } })
  const page = await uploads.page(new Request('http://x/'))
  const [, cookie = ''] = page.headers.find(([name]) => name === 'Set-Cookie') ?? []
  const headers = { 'Tus-Resumable': '1.0.0', 'Upload-Length': '8', 'X-CSRFToken': page.csrfToken(), Cookie: cookie }
  const created = await uploads.handle(new Request('http://x/uploads', { method: 'POST', headers }))
  const url = created.headers.get('Location') ?? ''
  return { token: page.csrfToken(), cookie, url, id: url.split('/').at(-1) ?? '', link: uploads.downloadUrl('a.txt') }
}

describe('a line of a log', () => {
  it('may say what happened', () => {
    const honest = [
      'kept Grüße & Küsse.txt (12 KiB)',
      'internal: Error: a\\u000ab',
      `upload-create 0f8e1234 ${'b'.repeat(255)} by form from 192.0.2.7`,
      `{"kind":"upload-finish","time":1800000000000,"upload":"0f8e1234","name":"${'0f8e'.repeat(8)}.jpg"}`,
      'csrf: the cookie of a session travels readable over plain http.',
    ]
    expect(faultsOfLines(honest)).toEqual([])
  })

  it('is found out by a control or a bidirectional character', () => {
    const lines = ['a\nb', 'a\rb', 'a\u0000b', 'a\u001b[31m', 'a\u0085b', 'a\u202eb', 'a\u2066b', 'a\u2028b', 'a\tb']
    for (const line of lines) expect(faultsOfLines([line]), JSON.stringify(line)).toHaveLength(1)
  })

  it('is found out by a token, a cookie, an id or a link, wherever in it they are', async () => {
    const { token, cookie, url, id, link } = await secrets()
    const value = cookie.split(';', 1)[0] ?? ''
    const event = { kind: 'upload-create', time: 0, protocol: 'tus', upload: id.slice(0, 9), name: 'a.txt' } as const
    const planted = [
      ...[token, cookie, value, id, url, link],
      ...[
        'Cookie: sid=geheim',
        '"authorization":"x"',
        'Authorization: Bearer s3cret',
        'bearer s3cret0',
        'Basic dTpwYXNz',
      ],
      ...[formatEvent(event), formatEvent(event, 'json')],
    ]
    for (const part of planted) {
      for (const line of [part, `refused (${part})`, `{"a":"${part}"}`, `${part} `]) {
        expect(faultsOfLines(['kept a.txt', line]), line).not.toEqual([])
      }
    }
  })

  it('of a failing disk tells eight letters of an upload', async () => {
    const lines: string[] = []
    const storage: Storage = memoryStorage()
    const create = async ({ id }: NewUpload) => {
      const cause = new Error(`ENOSPC: no space left on device, open '/proc/self/fd/22/${id}.1.2.3.4.tmp'`)
      throw new UploadError('storage-full', undefined, { cause })
    }
    const uploads = dropgate({ storage: { ...storage, create }, log: line => lines.push(line) })
    const headers = { 'Content-Type': 'application/octet-stream' }
    const url = 'http://localhost/uploads?name=a.bin'
    expect((await uploads.handle(new Request(url, { method: 'POST', headers, body: 'x' }))).status).toBe(507)
    expect(lines).toEqual([
      expect.stringMatching(/^storage-full: Error: ENOSPC.*'\/proc\/self\/fd\/22\/[0-9a-f]{8}…\.1\.2/),
    ])
    expect(faultsOfLines(lines)).toEqual([])
  })

  it('is missed when there are too few', () => {
    expect(faultsOfLines(['a', 'b'], 2)).toEqual([])
    expect(faultsOfLines(['a', 'b'], 3)).toEqual(['only 2 lines were written, 3 at least were expected'])
  })
})

describe('the lines that a run keeps', () => {
  function run(source: string): { said: string; lines: string[] } {
    const folder = mkdtempSync(join(tmpdir(), 'dropgate-guard-lines-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const args = [
      '--import',
      pathToFileURL(join(root, 'test/support/lines.mjs')).href,
      '--input-type=module',
      '-e',
      source,
    ]
    const env = { ...process.env, NODE_OPTIONS: '', DROPGATE_TEST_LINES: folder }
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })
    // A process that was killed has left the beginning of a line.
    writeFileSync(join(folder, 'killed'), '{"line":"whole"}\n{"line":"half')
    return { said: stdout + stderr, lines: keptLines(folder, formatEvent) }
  }
  const engine = (options: string) => `
    import { dropgate } from './src/index.ts'
    import { memoryStorage } from './src/memory.ts'
    const uploads = dropgate({ storage: memoryStorage(), csrf: false, ${options} })
    await uploads.handle(new Request('http://x/uploads', { method: 'POST' }))`

  it('are those of every log and every listener, which hear the same', () => {
    const { said, lines } = run(
      engine('log: line => console.log("log", line), onEvent: ({ kind }) => console.log(kind)'),
    )
    expect(said).toContain('log csrf is false')
    expect(said).toContain('upload-reject')
    expect(lines).toContainEqual(expect.stringContaining('csrf is false'))
    expect(lines).toContainEqual(expect.stringMatching(/^\{"kind":"upload-reject"/))
    expect(lines).toContainEqual(expect.stringMatching(/Z upload-reject /))
    expect(lines).toContain('whole')
  })

  it('are those of the log that is there by default; where nobody listens, no events', () => {
    const { said, lines } = run(engine(''))
    expect(said).toContain('dropgate: csrf is false')
    expect(lines.filter(line => line !== 'whole')).toEqual([expect.stringContaining('csrf is false')])
  })

  it('have a place in the sources, and fail when it is gone', () => {
    for (const name of ['options', 'csrf-app']) {
      const path = join(root, `src/server/${name}.ts`)
      expect(tapped(readFileSync(path, 'utf8'), path)).toContain('dropgateLines.log(')
    }
    expect(() => tapped('export {}', '/x/src/server/options.ts')).toThrow('has no place for a tap')
  })
})
