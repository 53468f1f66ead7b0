/** A reader who leaves midway leaves nothing open. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { diskStorage } from '../../../src/disk.ts'
import { dropgate } from '../../../src/index.ts'
import { sendDownload } from '../../../src/node.ts'
import { descriptorsIn, tempFolder } from '../../unit/storages/temp-folder.ts'
import { serve } from '../adapters/serving.ts'

test.each(['end', 'reset', 'silence, then reset'])('its descriptor closes: %s', async way => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'large.bin'), randomBytes(32 * 1024 * 1024))
  const uploads = dropgate({ storage: diskStorage(folder) })
  const port = await serve(createServer((req, res) => void sendDownload(uploads, req, res, 'large.bin')))
  const readers: Socket[] = []
  for (let index = 0; index < 5; index++) {
    const reader = connect(port, '127.0.0.1')
    readers.push(reader)
    await once(reader, 'connect')
    const range = index % 2 ? 'Range: bytes=1000000-\r\n' : ''
    reader.write(`GET / HTTP/1.1\r\nHost: x\r\n${range}\r\n`)
    await once(reader, 'data')
    reader.pause()
  }
  expect((await descriptorsIn(folder)).filter(path => path.endsWith('large.bin'))).toHaveLength(5)
  if (way.startsWith('silence')) await new Promise(resolve => setTimeout(resolve, 300))
  for (const reader of readers) {
    if (way === 'end') reader.destroy()
    else reader.resetAndDestroy()
  }
  await vi.waitFor(async () => expect(await descriptorsIn(folder)).toEqual([]), { timeout: 5_000, interval: 50 })
})

test('answers without a body open nothing', async () => {
  const folder = await tempFolder()
  await writeFile(join(folder, 'a.txt'), 'hello')
  const uploads = dropgate({ storage: diskStorage(folder) })
  const ask = (method: string, headers: Record<string, string> = {}) =>
    uploads.download(new Request('http://x/', { method, headers }), 'a.txt')
  const etag = (await ask('HEAD')).headers.get('etag') ?? ''
  await ask('GET', { 'If-None-Match': etag })
  await ask('GET', { 'If-Match': '"other"' })
  await ask('GET', { Range: 'bytes=9-' })
  expect(await descriptorsIn(folder)).toEqual([])
})

test('a file that was replaced after its head was sent is cut off, never mixed', async () => {
  const folder = await tempFolder()
  const storage = diskStorage(folder)
  await writeFile(join(folder, 'a.txt'), 'first')
  const answer = await dropgate({ storage }).download(
    new Request('http://x/', { headers: { Range: 'bytes=1-3' } }),
    'a.txt',
  )
  expect(answer.status).toBe(206)
  await storage.delete('a.txt')
  await writeFile(join(folder, 'a.txt'), 'other')
  await expect(answer.text()).rejects.toThrow()
  expect(await descriptorsIn(folder)).toEqual([])
})
