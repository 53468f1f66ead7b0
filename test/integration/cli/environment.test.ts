/** Flask-Dropzone's settings in the environment of the command line. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CommandLineError, parseCommand } from '../../../src/cli/args.ts'
import { serve } from '../../../src/cli/serve.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function page(...flags: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-env-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const command = parseCommand([folder, '--port', '0', ...flags])
  if (command.kind !== 'serve') throw new Error('not a server')
  const { server, uploads } = await serve(command.settings, () => {})
  cleanups.push(async () => {
    server.close()
    server.closeAllConnections()
    await uploads.close()
  })
  return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text()
}

describe('DROPZONE_ variables', () => {
  it('set limits, page and texts', async () => {
    vi.stubEnv('DROPZONE_MAX_FILE_SIZE', '20')
    vi.stubEnv('DROPZONE_PARALLEL_UPLOADS', '7')
    vi.stubEnv('DROPZONE_UPLOAD_MULTIPLE', 'true')
    vi.stubEnv('DROPZONE_DEFAULT_MESSAGE', 'Here, please')
    const html = await page()
    expect(html).toMatch(/20 MiB/)
    expect(html).toMatch(/"parallelUploads":7\b/)
    expect(html).toMatch(/"uploadMultiple":true/)
    expect(html).toMatch(/Here, please/)
  })

  it('are beaten by flags', async () => {
    vi.stubEnv('DROPZONE_MAX_FILE_SIZE', '20')
    vi.stubEnv('DROPZONE_PARALLEL_UPLOADS', '7')
    const html = await page('--max-file-size', '3MiB', '--parallel', '2')
    expect(html).toMatch(/\b3 MiB/)
    expect(html).not.toMatch(/20 MiB|"parallelUploads":7/)
  })

  it.each([
    ['DROPZONE_MAX_FILES', 'many'],
    ['DROPZONE_MAX_FILE', '3'],
    ['DROPZONE_REDIRECT_VIEW', 'a_view'],
  ])('%s=%s is told in a sentence', async (name, value) => {
    vi.stubEnv(name, value)
    const refusal = await page().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(CommandLineError)
    expect((refusal as Error).message).toMatch(name === 'DROPZONE_REDIRECT_VIEW' ? /redirectView/ : new RegExp(name))
  })
})
