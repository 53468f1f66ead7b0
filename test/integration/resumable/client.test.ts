/** tus-js-client in Node against a folder; what lies there has the sender's sha256. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterEach, describe, expect, test } from 'vitest'
import type { DropgateOptions } from '../../../src/index.ts'
import { type CuttingProxy, cuttingProxy } from './proxy.ts'
import { type RealServer, realServer } from './real-server.ts'

const MiB = 1024 * 1024

let server: RealServer
let proxy: CuttingProxy | undefined
afterEach(async () => {
  await proxy?.close()
  proxy = undefined
  await server.close()
})

async function start(options: Partial<DropgateOptions> = {}): Promise<void> {
  server = await realServer('disk', options)
}

/** Bytes that differ everywhere, the same in each run. */
function content(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0, state = 1; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const stored = (name: string) => sha256(readFileSync(join(server.folder as string, name)))

/** Uploads; resolves with the client when it says that it has succeeded. */
function upload(
  file: Buffer | Readable,
  options: Partial<UploadOptions> = {},
  onUpload?: (upload: Upload) => void,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    // Its types forget that Node's streams are fine, too.
    const client = new Upload(file as Buffer, {
      endpoint: `http://127.0.0.1:${proxy?.port ?? server.port}/uploads`,
      retryDelays: [20, 50, 100, 100, 100],
      metadata: { filename: 'film.mp4', filetype: 'video/mp4' },
      ...options,
      onError: reject,
      onSuccess: () => resolve(client),
    })
    onUpload?.(client)
    client.start()
  })
}

describe('tus-js-client in Node', () => {
  const bytes = content(5 * MiB + 13)

  test.each<[string, Partial<UploadOptions> & { protocol?: string }]>([
    ['in one piece', {}],
    ['in chunks', { chunkSize: MiB }],
    ['with the bytes in the creation', { uploadDataDuringCreation: true }],
    ['with the first chunk in the creation', { uploadDataDuringCreation: true, chunkSize: MiB }],
    ['in parallel', { parallelUploads: 4 }],
    ['in parallel and in chunks', { parallelUploads: 3, chunkSize: 512 * 1024 }],
    ['with POST for every method', { overridePatchMethod: true, chunkSize: 2 * MiB }],
    ['by the IETF protocol, draft -05', { protocol: 'ietf-draft-05', chunkSize: 2 * MiB }],
  ])('%s', async (_name, options) => {
    await start()
    await upload(bytes, options)
    expect(await server.names()).toEqual(['film.mp4'])
    expect(stored('film.mp4')).toBe(sha256(bytes))
  })

  test('of a length nobody knows before the end', async () => {
    await start()
    await upload(Readable.from([bytes.subarray(0, 3 * MiB), bytes.subarray(3 * MiB)]), {
      uploadLengthDeferred: true,
      chunkSize: MiB,
    })
    expect(stored('film.mp4')).toBe(sha256(bytes))
  })

  test('an empty file', async () => {
    await start()
    await upload(Buffer.alloc(0))
    expect(stored('film.mp4')).toBe(sha256(Buffer.alloc(0)))
  })

  test('aborted and resumed from the URL it had stored, without an acknowledged byte sent twice', async () => {
    await start()
    proxy = await cuttingProxy(server.port)
    const url = await new Promise<string>(resolve => {
      const first = upload(bytes, { chunkSize: MiB }, client => {
        client.options.onChunkComplete = async (_size, accepted) => {
          if (accepted !== 2 * MiB) return
          await client.abort()
          resolve(client.url as string)
        }
      })
      first.catch(() => {})
    })
    const before = proxy.sent
    await upload(bytes, { uploadUrl: url, chunkSize: MiB })
    expect(proxy.sent - before).toBeLessThan(bytes.length - 2 * MiB + 16 * 1024)
    expect(stored('film.mp4')).toBe(sha256(bytes))
  })

  test('over a line that is cut ten times', async () => {
    await start()
    proxy = await cuttingProxy(server.port)
    const line = proxy
    const large = content(16 * MiB)
    line.cutAfter(MiB)
    await upload(large, {
      onShouldRetry: () => {
        if (line.cuts < 10) line.cutAfter(MiB + 4321)
        return true
      },
    })
    expect(line.cuts).toBe(10)
    expect(await server.names()).toEqual(['film.mp4'])
    expect(stored('film.mp4')).toBe(sha256(large))
    // At most what was on its way at each cut.
    expect(line.sent).toBeLessThan(large.length + 10 * 2 * MiB)
  })

  test('terminated', async () => {
    await start()
    const client = await upload(bytes, {}, one => {
      one.options.onProgress = () => {}
    })
    await Upload.terminate(client.url as string)
    expect((await server.send('HEAD', client.url as string, { headers: { 'Tus-Resumable': '1.0.0' } })).status).toBe(
      404,
    )
    expect(stored('film.mp4'), 'the finished file stays').toBe(sha256(bytes))
  })

  test('a refusal reaches it in words, and is not tried again', async () => {
    let creations = 0
    await start({ policy: { accept: '.png' } })
    const refused = upload(bytes, { onBeforeRequest: () => void creations++ })
    await expect(refused).rejects.toThrow('This file type is not allowed.')
    expect([creations, await server.names()]).toEqual([1, []])
  })
})
