import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildClient } from '../../../scripts/build-client.mjs'

let folder: string
const read = (name: string) => readFile(join(folder, name), 'utf8')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dropgate-client-'))
  await buildClient(folder)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the static files', () => {
  it('keep the licence of Dropzone wherever Dropzone is inside', async () => {
    const licence = (await readFile('node_modules/dropzone/LICENSE', 'utf8')).trim()
    for (const name of ['dropgate.js', 'dropgate.css']) {
      expect(await read(name)).toMatch(/^\/\*!\nIncludes Dropzone 6\.3\.5\.\n/)
      expect(await read(name)).toContain(licence)
    }
  })

  it('need no permission to evaluate text', async () => {
    expect(await read('dropgate.js')).not.toMatch(/\beval\(|new Function\b/)
  })

  it('load nothing from elsewhere', async () => {
    expect(await read('dropgate.css')).not.toMatch(/@import|url\(/)
  })

  it('keep the licence of tus-js-client, and its weight below that of the rest', async () => {
    const licence = (await readFile('node_modules/tus-js-client/LICENSE', 'utf8')).trim()
    const script = await read('dropgate-tus.js')
    expect(script).toMatch(/^\/\*!\nIncludes tus-js-client 4\.3\.1\.\n/)
    expect(script).toContain(licence)
    expect(gzipSync(script).length).toBeLessThan(11_000)
    expect(gzipSync(await read('dropgate.js')).length).toBeLessThan(22_000)
    expect(await read('dropgate.js')).not.toContain('application/offset+octet-stream')
  })

  it('hold no Dropzone in the glue', async () => {
    expect(await read('dropgate-glue.js')).not.toContain('dz-hidden-input')
    expect((await read('dropgate-glue.js')).length).toBeLessThan(30_000)
  })

  it('are ASCII, so that no charset of a page can spoil them', async () => {
    for (const name of ['dropgate.js', 'dropgate-glue.js', 'dropgate-tus.js', 'dropgate.css']) {
      expect(await read(name)).toMatch(/^[\x00-\x7f]*$/)
    }
  })
})
