/** Serves a fragment of the guide: the app and the engine that the page takes for granted, the block, and `/page`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../browser/e2e-server.ts'
import { blocksOf, writeModules } from './blocks.ts'

const runner = `
import { pathToFileURL } from 'node:url'
import express from 'express'
import { dropgate, UploadError } from 'dropgate'
import { expressUploads, receiveFiles } from 'dropgate/express'
import { memoryStorage } from 'dropgate/memory'
import { prepareServer } from 'dropgate/node'

const [path, mounts] = process.argv.slice(2)
const secret = 'a secret of sixteen letters'
const storage = memoryStorage()
const app = express()
const uploads = dropgate({ storage, csrf: { secret } })
Object.assign(globalThis, { app, uploads, storage, secret, UploadError, receiveFiles, prepareServer })
if (mounts !== 'itself') app.use(expressUploads(uploads))
await import(pathToFileURL(path).href)
app.get('/page', (_req, res) => res.send('<!doctype html><title>Page</title>' + res.locals.dropzone.dropArea()))
app.get('/names', async (_req, res) => res.json((await storage.list()).map(file => file.name).sort()))
const server = prepareServer(app.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port)))
`

/**
 * Starts the one block of the guide that holds a text.
 *
 * @param mounts `'itself'`: the block makes an engine of its own and mounts it
 * @returns the origin
 */
export async function serveBlock(part: string, mounts: 'engine' | 'itself' = 'engine'): Promise<string> {
  const found = blocksOf('docs/guide.md').filter(({ language, code }) => language === 'ts' && code.includes(part))
  if (found.length !== 1) throw new Error(`${found.length} blocks of the guide hold ${part}`)
  const [path = ''] = writeModules(`docs-guide-${found[0]?.line}`, found)
  const script = join(dirname(path), 'runner.mjs')
  writeFileSync(script, runner)
  const child = spawn(process.execPath, [script, path, mounts], {
    cwd: temporaryFolder(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk
    const port = /port (\d+)\n/.exec(output)?.[1]
    if (port) return `http://127.0.0.1:${port}`
  }
  throw new Error(`The block ended: ${output}`)
}
