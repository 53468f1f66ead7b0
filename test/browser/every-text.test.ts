/**
 * Every refusal in the server's own words, on the drop area: in each browser, sent by Dropzone (XMLHttpRequest) and by
 * `fetch`, with a body that is there at once and with one that is still on its way, directly and behind nginx.
 * `npm run texts` tries every combination; `npm test` those in which answers get lost most easily.
 */
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasProxy, type NginxOptions, startNginx } from '../deployment/proxies.ts'
import { type Refusal, refusals, startTexts, type TextsServer } from './texts-server.ts'
import { type Engine, engines, type Window } from './windows.ts'

const everything = process.env.DROPGATE_TEXTS === 'every'
const sizes = { small: 3_000, large: 48 * 1024 ** 2 }

type Size = keyof typeof sizes

/** A way to the server, and what `npm test` tries of it: kinds by the way they are sent. */
interface Line {
  readonly line: string
  readonly nginx?: NginxOptions
  readonly kinds: Readonly<Record<keyof typeof ways, readonly string[]>>
}

/** Refused by the announced length, and by what the first bytes are. */
const lost = ['file-too-big', 'rejected']

const lines: readonly Line[] = [
  { line: 'directly', kinds: { Dropzone: refusals.map(({ kind }) => kind), fetch: lost } },
  { line: 'behind nginx, HTTP/2', nginx: {}, kinds: { Dropzone: lost, fetch: lost } },
  { line: 'behind nginx, HTTP/1.1', nginx: { http2: false }, kinds: { Dropzone: ['file-too-big'], fetch: [] } },
  { line: 'behind nginx, HTTP/2, buffering', nginx: { buffering: true }, kinds: { Dropzone: [], fetch: [] } },
  {
    line: 'behind nginx, HTTP/1.1, buffering',
    nginx: { buffering: true, http2: false },
    kinds: { Dropzone: [], fetch: [] },
  },
]

interface Case {
  readonly refusal: Refusal
  readonly size: Size
  readonly way: keyof typeof ways
}

/**
 * What is tried of a line, the cases of one page one after the other. Firefox hides an answer first when a server hangs
 * up too early; the others get the refusals that come earliest and latest, unless everything is tried.
 */
function casesOf({ kinds }: Line, engine: string): Case[] {
  const all = refusals.flatMap(refusal =>
    (['small', 'large'] as const).flatMap(size =>
      (['Dropzone', 'fetch'] as const).map(way => ({ refusal, size, way })),
    ),
  )
  return everything
    ? all
    : all.filter(
        ({ refusal: { kind }, size, way }) =>
          size === 'large' && kinds[way].includes(kind) && (engine === 'Firefox' || lost.includes(kind)),
      )
}

const running = new Map<string, Promise<Engine>>()
let server: TextsServer
let folder: string

beforeAll(async () => {
  server = await startTexts()
  folder = mkdtempSync(join(tmpdir(), 'dropgate-texts-'))
})
afterAll(async () => {
  for (const engine of running.values()) await (await engine).close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A file of zeros on the disk, made once. */
function fileOf(name: string, bytes: number): string {
  const path = join(folder, name)
  if (existsSync(path)) return path
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

/** What is read below the thumbnail after Dropzone has sent the files. */
async function byDropzone(window: Window, refusal: Refusal, size: Size): Promise<string> {
  await window.run(name => {
    type Area = HTMLElement & { dropzone: { options: object; removeAllFiles(cancel: boolean): void } }
    const { dropzone } = document.querySelector('[data-dropgate]') as Area
    dropzone.removeAllFiles(true)
    // The page's own checks are off, so that the server has to refuse.
    const renameFile = name === null ? null : () => name
    Object.assign(dropzone.options, { acceptedFiles: null, maxFilesize: null, maxFiles: null, renameFile })
  }, refusal.renamed ?? null)
  const before = (refusal.before ?? []).map((bytes, index) => fileOf(`before-${index}-${bytes}.txt`, bytes))
  await window.choose([...before, fileOf(`${size}.mkv`, sizes[size])])
  return window.sentence(`${size}.mkv`)
}

/** What a script of the page reads that sends the same by itself. */
function byFetch(window: Window, { kind, before = [], renamed = 'film.mkv' }: Refusal, size: Size): Promise<string> {
  return window.run(
    async ({ url, parts, name, csrf }) => {
      const headers: Record<string, string> = {}
      if (csrf) {
        const token = (await (await fetch(`${url}/csrf`)).json()) as { csrfToken: string }
        headers['X-CSRFToken'] = token.csrfToken
      }
      const form = new FormData()
      for (const bytes of parts) form.append('file', new File([new Uint8Array(bytes)], name))
      return (await fetch(url, { method: 'POST', body: form, headers })).text()
    },
    { url: `/uploads/${kind}`, parts: [...before, sizes[size]], name: renamed, csrf: kind.startsWith('csrf') },
  )
}

const ways = { Dropzone: byDropzone, fetch: byFetch }

for (const line of lines) {
  if (casesOf(line, 'Firefox').length === 0) continue
  const { nginx } = line
  const needs = nginx ? ' (needs nginx)' : ''
  describe.skipIf(nginx && !hasProxy.nginx && !process.env.CI)(`every text, ${line.line}${needs}`, () => {
    let origin: string
    let stop: (() => Promise<void>) | undefined
    beforeAll(async () => {
      origin = `http://127.0.0.1:${server.port}`
      if (nginx) ({ origin, stop } = await startNginx(server.port, nginx))
    })
    afterAll(() => stop?.())

    describe.each(engines)('in $name', ({ name, has, launch }) => {
      let window: Window
      beforeAll(async () => {
        if (!has && !process.env.CI) return
        const engine = running.get(name) ?? launch()
        running.set(name, engine)
        window = await (await engine).open()
      })
      afterAll(() => window?.close())

      it
        .skipIf(!has && !process.env.CI)
        .each(casesOf(line, name).map(entry => ({ kind: entry.refusal.kind, ...entry })))(
        '$kind: a $size body, sent by $way',
        async ({ kind, refusal, size, way }) => {
          const url = `${origin}/page/${kind}`
          try {
            if (window.url() !== url) await window.open(url)
            expect(await ways[way](window, refusal, size)).toBe(refusal.sentence[size])
          } catch (error) {
            // One that hangs shall not fail the tests behind it.
            await window.close()
            window = await (await (running.get(name) as Promise<Engine>)).open()
            throw error
          }
        },
      )
    })
  })
}
