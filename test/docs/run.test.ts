/** Every block of TypeScript in the pages is run, so that no option in it is refused and no import is missing. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../browser/e2e-server.ts'
import { type Block, blocksOf, pages, writeModules } from './blocks.ts'

/** The world around the fragments; servers listen on a free port, and nothing keeps the process alive. */
const runner = `
import { Server } from 'node:net'
import { pathToFileURL } from 'node:url'
import express from 'express'
import { dropgate, UploadError } from 'dropgate'
import { expressUploads, receiveFiles } from 'dropgate/express'
import { memoryStorage } from 'dropgate/memory'
import { prepareServer } from 'dropgate/node'

const { listen } = Server.prototype
Server.prototype.listen = function () { return listen.call(this, 0, '127.0.0.1').unref() }

async function makeHarness() {
  const storage = memoryStorage()
  const readBack = async name => {
    const file = await storage.read(name)
    return file && new Uint8Array(await new Response(file.body).arrayBuffer())
  }
  return { storage, readBack, visible: async () => (await storage.list()).map(file => file.name) }
}

const form = new FormData()
form.append('file', new Blob(['x']), 'x.txt')
const wrong = []
for (const path of JSON.parse(process.argv[2])) {
  const storage = memoryStorage()
  Object.assign(globalThis, {
    app: express(), storage, uploads: dropgate({ storage }), secret: 'a secret of sixteen letters', UploadError,
    receiveFiles, prepareServer, makeHarness, request: new Request('http://localhost/', { method: 'POST', body: form }),
  })
  app.use(expressUploads(uploads))
  try {
    await import(pathToFileURL(path).href)
  } catch (error) {
    wrong.push(path.split('/').at(-1) + ': ' + error.message)
  }
}
process.on('exit', () => console.error(JSON.stringify(wrong)))
`

/** Runs blocks one after the other in one process; returns what they throw. */
function run(name: string, blocks: readonly Block[]): string[] {
  const paths = writeModules(name, blocks)
  const path = join(dirname(paths[0] as string), 'runner.mjs')
  writeFileSync(path, runner)
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, JSON.stringify(paths)], {
    cwd: temporaryFolder(),
    env: { ...process.env, SECRET_KEY: 'a secret of sixteen letters' },
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect(status, stdout + stderr).toBe(0)
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as string[]
}

it('every block of README.md and docs runs', () => {
  const blocks = pages()
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'ts')
  expect(blocks.length).toBeGreaterThan(20)
  expect(run('docs-run-all', blocks)).toEqual([])
}, 60_000)

it('a wrong block would be noticed', () => {
  const code = "import { dropgate } from 'dropgate'\ndropgate({ storage, policy: { maxFileSize: 3 } })\n"
  expect(run('docs-run-wrong', [{ page: 'wrong.md', line: 1, language: 'ts', code }])).toEqual([
    'wrong-1.ts: policy.maxFileSize is 3 bytes; did you mean "3 MiB"?',
  ])
}, 60_000)
