/** A token that expires in the middle of Dropzone's chunks costs one refusal, and nothing that was sent before. */
import { expect, test } from 'vitest'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'

const content = 'abcdefghij'

function visit(options: Partial<DropgateOptions> = {}) {
  const storage = memoryStorage()
  const time = { now: 1_800_000_000_000 }
  const uploads = dropgate({
    storage,
    csrf: { secret: 'a secret of sixteen letters', timeLimit: 3600 },
    clock: { now: () => time.now },
    dropArea: { deleteOnRemove: true },
    log: () => {},
    ...options,
  })
  const first = uploads.pageSync(new Request('http://localhost/'))
  const cookie = [...first.headers].map(([, value]) => value.split(';')[0]).join('; ')
  const token = first.csrfToken()
  /** What the page asks for when its token has become old. */
  const refresh = async (old: string) => {
    const headers = { cookie, 'X-CSRFToken': old }
    const answer = await uploads.handle(new Request('http://localhost/uploads/csrf', { headers }))
    return ((await answer.json()) as { csrfToken: string }).csrfToken
  }
  const send = async (index: number, by: { header?: string; field?: string }) => {
    const form = new FormData()
    if (by.field !== undefined) form.append('csrf_token', by.field)
    const fields = { dzchunkindex: index, dzchunkbyteoffset: index * 4, dzchunksize: 4, dztotalchunkcount: 3 }
    form.append('dzuuid', '0b6c9a52-7e4f-4d3a-9c7e-2f1a5b8d9e10')
    for (const [name, value] of Object.entries({ ...fields, dztotalfilesize: 10 })) form.append(name, String(value))
    form.append('file', new File([content.slice(index * 4, index * 4 + 4)], 'a.txt'))
    const headers = { cookie, ...(by.header !== undefined && { 'X-CSRFToken': by.header }) }
    const answer = await uploads.handle(
      new Request('http://localhost/uploads', { method: 'POST', headers, body: form }),
    )
    return { status: answer.status, text: await answer.text() }
  }
  const text = async () => new Response((await storage.read('a.txt'))?.body).text()
  return { storage, time, token, refresh, send, text }
}

test.each(['header', 'field'] as const)('in a %s: refused, refreshed, and on with the same file', async place => {
  const { storage, time, token, refresh, send, text } = visit({ expiry: 7200 })
  expect((await send(0, { [place]: token })).status).toBe(201)
  time.now += 3_601_000
  expect(await send(1, { [place]: token })).toEqual({ status: 400, text: 'The CSRF token has expired.' })
  expect(await send(1, {})).toEqual({ status: 400, text: 'The CSRF token is missing.' })
  expect(await storage.list()).toEqual([])
  const fresh = await refresh(token)
  // The first chunk is not asked for again.
  expect((await send(1, { [place]: fresh })).status).toBe(201)
  const last = await send(2, { [place]: fresh })
  expect([last.status, (JSON.parse(last.text) as { files: unknown[] }).files.length]).toEqual([201, 1])
  expect(await text()).toBe(content)
  time.now += 3_601_000
  expect((await send(2, { [place]: fresh })).text).toBe('The CSRF token has expired.')
  const again = await send(2, { [place]: await refresh(fresh) })
  expect(again, 'the same answer, delete URL included').toEqual(last)
})
