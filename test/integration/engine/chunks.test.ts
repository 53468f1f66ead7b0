import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { diskStorage } from '../../../src/disk.ts'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'

const uuid = '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10'
const content = Uint8Array.from({ length: 50 }, (_, i) => i)

/** An endpoint, and a file of 50 bytes to be sent in chunks of 20. */
function receiver(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const finished: string[] = []
  const uploads = dropgate({
    storage,
    log: () => {},
    onUploadFinish: file => void finished.push(file.name),
    ...options,
  })
  const send = async (
    index: number,
    changes: Record<string, string> = {},
    bytes = content.slice(index * 20, index * 20 + 20),
  ) => {
    const form = new FormData()
    const fields = {
      dzuuid: uuid,
      dzchunkindex: String(index),
      dztotalfilesize: '50',
      dzchunksize: '20',
      dztotalchunkcount: '3',
      dzchunkbyteoffset: String(index * 20),
      ...changes,
    }
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new File([bytes], 'film.bin', { type: 'application/octet-stream' }))
    const response = await uploads.handle(new Request('http://localhost/uploads', { method: 'POST', body: form }))
    const text = await response.text()
    const files = response.ok ? (JSON.parse(text) as { files: { name: string; size: number }[] }).files : []
    return { status: response.status, text, files }
  }
  const stored = async () => {
    const list = await (options.storage ?? storage).list?.()
    return list?.map(({ name, size }) => [name, size])
  }
  return { uploads, storage, send, stored, finished }
}

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-chunks-'))
  folders.push(folder)
  return folder
}

describe("Dropzone's chunks", () => {
  test.each([
    ['in order', [0, 1, 2]],
    ['the last first', [2, 1, 0]],
    ['with repeats', [1, 1, 0, 1, 0, 2]],
  ])('trap 10: %s make the file once, and the JSON is on whichever completes it', async (_name, order) => {
    const { send, storage, finished } = receiver()
    const answers: number[] = []
    for (const index of order) {
      const { status, files } = await send(index)
      expect(status).toBe(201)
      answers.push(files.length)
    }
    expect(answers).toEqual([...order.slice(1).map(() => 0), 1])
    const file = await storage.read('film.bin')
    expect(new Uint8Array(await new Response(file?.body).arrayBuffer())).toEqual(content)
    expect(finished).toEqual(['film.bin'])
  })

  test('traps 10, 11: a repeated last chunk gets the same answer again', async () => {
    const { send, finished, stored } = receiver()
    for (const index of [0, 1]) await send(index)
    const first = await send(2)
    const again = await send(2)
    expect(again).toEqual(first)
    expect(again.files).toMatchObject([{ name: 'film.bin', size: 50 }])
    expect([finished.length, await stored()]).toEqual([1, [['film.bin', 50]]])
  })

  test('traps 10, 11: all at once, and each four times, on the disk: one commit, the right bytes', async () => {
    const folder = await temporary()
    const { send, finished } = receiver({ storage: diskStorage(folder, { durable: false }) })
    const all = [0, 1, 2].flatMap(index => [index, index, index, index])
    const answers = await Promise.all(all.map(index => send(index)))
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 201))
    expect(answers.some(({ files }) => files.length === 1)).toBe(true)
    expect(finished).toEqual(['film.bin'])
    expect((await readdir(folder)).filter(name => !name.startsWith('.'))).toEqual(['film.bin'])
    expect(new Uint8Array(await readFile(join(folder, 'film.bin')))).toEqual(content)
  })

  test('a restarted server goes on', async () => {
    const folder = await temporary()
    await receiver({ storage: diskStorage(folder) }).send(1)
    const after = receiver({ storage: diskStorage(folder) })
    await after.send(0)
    expect((await after.send(2)).files).toHaveLength(1)
    expect(new Uint8Array(await readFile(join(folder, 'film.bin')))).toEqual(content)
  })

  test('trap 11: the same chunk with other bytes is refused, and the first ones stay', async () => {
    const { send, storage } = receiver()
    await send(0)
    const other = await send(0, {}, new Uint8Array(20))
    expect([other.status, other.text]).toEqual([409, 'This chunk was already uploaded with different content.'])
    await send(1)
    await send(2)
    const file = await storage.read('film.bin')
    expect(new Uint8Array(await new Response(file?.body).arrayBuffer())).toEqual(content)
  })

  test.each([
    ['an index beyond the count', { dzchunkindex: '3', dzchunkbyteoffset: '60' }],
    ['an offset that is not index times size', { dzchunkbyteoffset: '21' }],
    ['a count of 0', { dztotalchunkcount: '0' }],
    ['no number', { dzchunksize: '1e3' }],
    ['a uuid that is a path', { dzuuid: '../../../../etc/passwd' }],
    ['an index of 2^31', { dzchunkindex: '2147483648' }],
  ])('row 65, trap 12: %s is refused before anything is stored', async (_name, lie) => {
    const { send, stored, storage } = receiver()
    const refused = await send(1, lie)
    expect([refused.status, refused.text]).toEqual([400, 'Invalid chunk information.'])
    expect(await stored()).toEqual([])
    for await (const record of storage.resumable.records()) expect(record).toBeUndefined()
  })

  test('a chunk that changes its mind about the file is refused', async () => {
    const { send } = receiver()
    await send(0)
    expect(await send(1, { dztotalchunkcount: '4' })).toMatchObject({ status: 400 })
  })

  test('row 66, trap 12: what cannot fit is refused at the first chunk', async () => {
    const { send } = receiver({ policy: { maxFileSize: '1 MiB' } })
    const huge = {
      dztotalchunkcount: '400',
      dzchunksize: '20971520',
      dztotalfilesize: '8388608000',
      dzchunkbyteoffset: '0',
    }
    expect((await send(0, huge)).status).toBe(413)
  })

  test('row 68, trap 12: the same uuid of another owner is another upload', async () => {
    let owner = 'a'
    const { send, stored } = receiver({ authorize: () => owner })
    await send(0)
    await send(1)
    owner = 'b'
    expect((await send(2)).files).toEqual([])
    expect(await stored()).toEqual([])
  })

  test('trap 9: a total that a resized picture has made wrong is not believed', async () => {
    const { send, stored } = receiver()
    for (const index of [0, 1, 2]) await send(index, { dztotalfilesize: '5000' })
    expect(await stored()).toEqual([['film.bin', 50]])
  })

  test('row 67, traps 10 and 11: random schedules of up to four writers end with one right file', async () => {
    const schedules = fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(schedules, async rounds => {
        const { send, storage, finished } = receiver()
        for (const round of [...rounds, [0], [1], [2]]) {
          for (const { status } of await Promise.all(round.map(index => send(index)))) expect(status).toBe(201)
        }
        const file = await storage.read('film.bin')
        expect(new Uint8Array(await new Response(file?.body).arrayBuffer())).toEqual(content)
        expect(finished).toEqual(['film.bin'])
      }),
      { numRuns: 60 },
    )
  })
})
