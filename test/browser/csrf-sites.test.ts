/** Threat row 58: what the pages of other sites can do with a visitor's browser, in three real ones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeServers, plantedBy, startEvil, startProtected, startProxy } from './csrf-server.ts'
import { type Engine, engines, type Window } from './windows.ts'

interface Aim {
  readonly target: string
  /** A token: the attacker has one, too. */
  readonly field: string
  /** From a sandboxed frame. */
  readonly frame: boolean
}

/** All that a foreign page can do: a form that is sent, and a request that needs no leave. */
const attacks: Readonly<Record<string, (aim: Aim) => void>> = {
  'a form': ({ target, field, frame }) => {
    const send = `
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', enctype: 'multipart/form-data', action: ${JSON.stringify(target)} })
      const token = Object.assign(document.createElement('input'), { name: 'csrf_token', value: ${JSON.stringify(field)} })
      const file = Object.assign(document.createElement('input'), { name: 'file', type: 'file' })
      const data = new DataTransfer()
      data.items.add(new File(['evil'], 'evil.txt'))
      file.files = data.files
      form.append(token, file)
      document.documentElement.append(form)
      form.submit()`
    if (!frame) return void setTimeout(send)
    const sandboxed = document.createElement('iframe')
    sandboxed.setAttribute('sandbox', 'allow-scripts allow-forms')
    sandboxed.srcdoc = `<script>${send}</script>`
    document.body.append(sandboxed)
  },
  'a fetch': ({ target, field, frame }) => {
    const send = `
      const body = new FormData()
      body.append('csrf_token', ${JSON.stringify(field)})
      body.append('file', new File(['evil'], 'evil.txt'))
      fetch(${JSON.stringify(target)}, { method: 'POST', mode: 'no-cors', credentials: 'include', body })`
    if (!frame) return void setTimeout(send)
    const sandboxed = document.createElement('iframe')
    sandboxed.setAttribute('sandbox', 'allow-scripts')
    sandboxed.srcdoc = `<script>${send}</script>`
    document.body.append(sandboxed)
  },
}

const sites = [
  { name: 'another port', own: '127.0.0.1', evil: '127.0.0.1', site: 'same-site' },
  { name: 'another host', own: '127.0.0.1', evil: 'localhost', site: 'cross-site' },
  { name: 'a sandboxed frame of our own page', own: '127.0.0.1', evil: undefined, site: 'cross-site' },
  { name: 'another host over plain http', own: 'app.test', evil: 'evil.test', site: undefined },
  { name: 'a subdomain over plain http', own: 'app.test', evil: 'evil.app.test', site: undefined },
]
const cases = sites.flatMap(site => Object.entries(attacks).map(([how, attack]) => ({ ...site, how, attack })))

let proxy: string
let evilPort: number

beforeAll(async () => {
  proxy = await startProxy()
  evilPort = await startEvil()
})
afterAll(closeServers)

describe.each(engines)('another site in $name', ({ has, launch }) => {
  const test = it.skipIf(!has && !process.env.CI)
  let engine: Engine | undefined
  let window: Window

  beforeAll(async () => {
    if (!has && !process.env.CI) return
    engine = await launch()
    window = await engine.open(proxy)
  })
  afterAll(async () => {
    await window?.close()
    await engine?.close()
  })
  // The answer to a form that was sent before may come in between.
  const visit = (url: string) => expect.poll(() => window.visit(url), { timeout: 5_000 }).toBe(true)
  const tokenOf = (page: string) =>
    visit(page).then(() =>
      window.run(() => {
        return (document.querySelector('#ordinary [name=csrf_token]') as HTMLInputElement).value
      }, undefined),
    )

  test.each(cases)('$name: $how is answered with 403 and stores nothing', async ({ own, evil, site, attack }) => {
    const app = await startProtected()
    const home = `http://${own}:${app.port}`
    // The visitor has been on our page, and the attacker as well: a token of somebody's own is easy to get.
    const field = await tokenOf(`${home}/?bare`)
    expect(field.length).toBeGreaterThan(50)
    if (evil !== undefined) await visit(`http://${evil}:${evilPort}/`)
    await window.run(attack, { target: `${home}/uploads`, field, frame: evil === undefined })
    await expect.poll(() => app.answers('POST /uploads'), { timeout: 5_000 }).toEqual([403])
    const entry = app.log.find(({ what }) => what === 'POST /uploads')
    expect(entry?.site).toBe(site)
    expect(entry?.origin).toBe(evil === undefined ? 'null' : `http://${evil}:${evilPort}`)
    // A subdomain can plant a session of its own, and the browser sends it along.
    expect(entry?.cookie.includes(plantedBy(evilPort))).toBe(evil === 'evil.app.test')
    expect(await app.stored()).toEqual([])
  })

  test('cannot read a token', async () => {
    const app = await startProtected()
    await visit(app.origin)
    for (const host of ['127.0.0.1', 'localhost']) {
      await visit(`http://${host}:${evilPort}/`)
      const said = await window.run(
        url =>
          fetch(url, { credentials: 'include' }).then(
            answer => answer.text(),
            (error: Error) => error.name,
          ),
        `${app.origin}/uploads/csrf`,
      )
      expect(said).toBe('TypeError')
    }
    expect(app.answers('GET /uploads/csrf')).toEqual([403, 403])
  })

  test('is not what our own page is: that one uploads, by a form and by a fetch', async () => {
    for (const [how, attack] of Object.entries(attacks)) {
      const app = await startProtected()
      const field = await tokenOf(`${app.origin}/?bare`)
      await window.run(attack, { target: `${app.origin}/uploads`, field, frame: false })
      await expect.poll(() => app.stored(), { timeout: 5_000 }).toEqual(['evil.txt'])
      expect(app.answers('POST /uploads'), how).toEqual([how === 'a form' ? 200 : 201])
    }
  })
})
