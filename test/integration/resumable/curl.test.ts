/** The curl examples of docs/protocols.md, as they stand there, one after the other in one shell. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { blocksOf } from '../../docs/blocks.ts'
import { realServer } from './real-server.ts'

test('the curl examples of docs/protocols.md do what they say', async () => {
  const server = await realServer('disk')
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-curl-'))
  onTestFinished(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const film = new Uint8Array(250_001).map((_, at) => at * 31)
  writeFileSync(join(folder, 'film.mp4'), film)
  const blocks = blocksOf('docs/protocols.md').filter(({ language }) => language === 'sh')
  expect(blocks).toHaveLength(5)
  const script = blocks.map(({ code }) => code.replace('http://localhost:3000', server.origin)).join('\n')
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder })
  expect(stdout).toMatch(/^HTTP\/1\.1 104 .*\r\n(?:.+\r\n)*?Location: \/uploads\//im)
  expect(await server.names()).toEqual(['film.mp4', 'parts.mp4', 'whole.mp4'])
  for (const name of await server.names()) expect(await server.bytes(name), name).toEqual(film)
})
