/** Between the last byte and the name: the one moment in which a tus client could take an upload for a file too early. */
import { expect, test } from 'vitest'
import { dropgate, UploadError } from '../../src/index.ts'
import { memoryStorage } from '../../src/memory.ts'

const tus = { 'Tus-Resumable': '1.0.0' }

/** A server whose storage cannot commit the first time. */
function server() {
  const storage = memoryStorage()
  const { resumable } = storage
  if (!resumable) throw new Error('the storage cannot resume')
  const commit = resumable.commit.bind(resumable)
  let failures = 1
  resumable.commit = async list => {
    if (failures-- > 0) throw new UploadError('storage-full')
    return commit(list)
  }
  const finished: string[] = []
  const uploads = dropgate({ storage, log: () => {}, onUploadFinish: file => void finished.push(file.name) })
  const send = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const init = { method, headers, ...(body !== undefined && { body }) }
    const answer = await uploads.handle(new Request(new URL(path, 'http://localhost'), init))
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  return { storage, finished, send }
}

test('tus: the offset that means success is told only when the file is there', async () => {
  const { storage, finished, send } = server()
  const metadata = `filename ${btoa('a.bin')}`
  const created = await send('POST', '/uploads', { ...tus, 'Upload-Length': '5', 'Upload-Metadata': metadata })
  const url = created.headers.get('location') ?? ''
  const patch = { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }
  const refused = await send('PATCH', url, patch, 'hello')
  expect([refused.status, refused.text]).toEqual([507, 'The server has no space left for this file.'])
  expect(await storage.read?.('a.bin')).toBeUndefined()
  const head = await send('HEAD', url, tus)
  expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '5'])
  expect((await storage.read?.('a.bin'))?.size).toBe(5)
  expect(finished).toEqual(['a.bin'])
  expect((await send('HEAD', url, tus)).status).toBe(200)
  expect(finished, 'announced once').toEqual(['a.bin'])
})

test('IETF: the offset is told, the upload is not complete, and an empty last request completes it', async () => {
  const { storage, send } = server()
  const created = await send('POST', '/uploads?name=a.bin', { 'Upload-Complete': '?0' })
  const url = created.headers.get('location') ?? ''
  const patch = { 'Upload-Complete': '?1', 'Content-Type': 'application/partial-upload' }
  expect((await send('PATCH', url, { ...patch, 'Upload-Offset': '0' }, 'hello')).status).toBe(507)
  const head = await send('HEAD', url, {})
  expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-complete')]).toEqual([
    204,
    '5',
    '?0',
  ])
  expect((await send('PATCH', url, { ...patch, 'Upload-Offset': '5' })).status).toBe(201)
  expect((await storage.read?.('a.bin'))?.size).toBe(5)
})
