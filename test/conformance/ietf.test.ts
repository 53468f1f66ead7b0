/**
 * "Resumable Uploads for HTTP", interop versions 6 (drafts -04, -05) and 8 (drafts -09 to -11), as requests and replies
 * over the real engine. No public suite knows these versions; each case names the draft's section.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  httpDigest,
  type RealServer,
  type RequestParts,
  realServer,
  type StorageKind,
} from '../integration/resumable/real-server.ts'

const partial = { 'Content-Type': 'application/partial-upload' }
const maxSize = 1024 * 1024
const unknown = `/uploads/${'0'.repeat(32)}`
const problems = 'https://iana.org/assignments/http-problem-types#'

let files = 0

/** A client of one version of the draft. */
class Ietf {
  readonly server: RealServer
  readonly version: number

  constructor(server: RealServer, version: number) {
    this.server = server
    this.version = version
  }

  send(method: string, url: string, { headers, ...parts }: RequestParts = {}): Promise<Answer> {
    return this.server.send(method, url, {
      ...parts,
      headers: { 'Upload-Draft-Interop-Version': this.version, ...headers },
    })
  }

  async create(complete: boolean, body?: string, headers: Record<string, string | number> = {}) {
    const name = `ietf-${++files}.bin`
    const fields = { 'Upload-Complete': complete ? '?1' : '?0', 'Content-Disposition': `inline; filename="${name}"` }
    const parts = { headers: { ...fields, ...headers }, ...(body !== undefined && { body }) }
    const answer = await this.send('POST', '/uploads', parts)
    return { ...answer, name, url: answer.headers.get('location') ?? '' }
  }

  append(
    url: string,
    offset: number,
    complete: boolean,
    body?: string,
    headers: Record<string, string | number> = {},
  ): Promise<Answer> {
    const fields = { ...partial, 'Upload-Offset': offset, 'Upload-Complete': complete ? '?1' : '?0', ...headers }
    return this.send('PATCH', url, { headers: fields, ...(body !== undefined && { body }) })
  }

  /** The upload as HEAD tells it: status, offset, completeness, length. */
  async state(url: string) {
    const { status, headers } = await this.send('HEAD', url)
    return [status, headers.get('upload-offset'), headers.get('upload-complete'), headers.get('upload-length')]
  }
}

const problemOf = (answer: Answer) => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  return JSON.parse(answer.text) as Record<string, unknown>
}

type Case = (client: Ietf) => Promise<void>

const cases: Record<string, Case> = {
  'Limits: OPTIONS tells them': async client => {
    const { status, headers } = await client.send('OPTIONS', '/uploads')
    const age = client.version === 6 ? 'expires' : 'max-age'
    expect([status, headers.get('upload-limit')]).toEqual([204, `max-size=${maxSize}, ${age}=3600`])
    expect(headers.get('accept-patch')).toBe('application/partial-upload')
  },
  'Upload Creation: the whole body, complete, is a file and answered like one': async client => {
    const { status, headers, text, name, url } = await client.create(true, 'hello')
    expect([status, headers.get('upload-complete'), headers.get('upload-offset')]).toEqual([201, '?1', '5'])
    expect(JSON.parse(text)).toMatchObject({ files: [{ name, size: 5 }] })
    expect(await client.server.text(name)).toBe('hello')
    expect(await client.state(url)).toEqual([204, '5', '?1', '5'])
  },
  'Upload Creation: some bytes, not complete': async client => {
    const { status, headers, url, name } = await client.create(false, 'hel')
    expect([status, headers.get('upload-complete'), headers.get('upload-offset')]).toEqual([201, '?0', '3'])
    expect(headers.get('upload-limit')).toContain(`max-size=${maxSize}`)
    expect(await client.state(url)).toEqual([204, '3', '?0', null])
    expect(await client.server.text(name)).toBeUndefined()
  },
  'Upload Creation: careful, without bytes': async client => {
    const { status, url } = await client.create(false, '', { 'Upload-Length': 5 })
    expect(status).toBe(201)
    expect(await client.state(url)).toEqual([204, '0', '?0', '5'])
  },
  'Upload Creation: an empty file': async client => {
    const { status, headers, name } = await client.create(true, '')
    expect([status, headers.get('upload-complete')]).toEqual([201, '?1'])
    expect(await client.server.text(name)).toBe('')
  },
  'Upload Creation: PUT and PATCH create as well, GET does not': async client => {
    const headers = { 'Upload-Complete': '?1' }
    for (const method of ['PUT', 'PATCH']) {
      const answer = await client.send(method, `/uploads?name=${method}-${++files}.txt`, { headers, body: 'x' })
      expect(answer.status, method).toBe(201)
    }
    const get = await client.send('GET', '/uploads', { headers })
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, PUT, PATCH, OPTIONS'])
  },
  'Upload Creation: the interim answer tells the URL before the bytes are read': async client => {
    const { interim, url } = await client.create(false, 'hel')
    expect(interim).toHaveLength(1)
    expect(interim[0]).toMatchObject({
      status: 104,
      headers: { location: url, 'upload-draft-interop-version': String(client.version) },
    })
    expect(interim[0]?.headers['upload-limit']).toContain(`max-size=${maxSize}`)
  },
  'Draft Version Identification: no interim answer to another version or none': async client => {
    for (const version of [3, 7, 99, 'x']) {
      const { interim, status } = await client.create(false, 'hel', { 'Upload-Draft-Interop-Version': version })
      expect([status, interim], String(version)).toEqual([201, []])
    }
    const parts = { headers: { 'Upload-Complete': '?0' }, body: 'hel' }
    expect((await client.server.send('POST', '/uploads?name=x.bin', parts)).interim).toEqual([])
  },
  'Upload Creation: a file nobody may send is refused for good': async client => {
    const refused = await client.create(false, '', { 'Upload-Length': maxSize + 1 })
    expect([refused.status, refused.headers.get('upload-complete')]).toEqual([413, '?1'])
    expect(refused.headers.get('upload-limit')).toContain(`max-size=${maxSize}`)
    expect(problemOf(refused)).toMatchObject({ status: 413 })
    expect(refused.interim).toEqual([])
  },
  'Offset Retrieval: HEAD and GET tell it, uncached': async client => {
    const { url } = await client.create(false, 'hel', { 'Upload-Length': 5 })
    for (const method of ['HEAD', 'GET']) {
      const { status, headers, text } = await client.send(method, url)
      expect([status, headers.get('upload-offset'), headers.get('cache-control'), text]).toEqual([
        204,
        '3',
        'no-store',
        '',
      ])
      expect(headers.get('upload-limit')).toMatch(client.version === 6 ? /expires=\d+/ : /max-age=\d+/)
    }
  },
  'Offset Retrieval, Append, Cancellation: an unknown upload is 404': async client => {
    const answers = [await client.send('HEAD', unknown), await client.append(unknown, 0, false, 'x')]
    answers.push(await client.send('DELETE', unknown))
    expect(answers.map(({ status, headers }) => [status, headers.get('upload-offset')])).toEqual(
      Array(3).fill([404, null]),
    )
  },
  'Upload Append: piece by piece, the last one completes': async client => {
    const { url, name } = await client.create(false, 'ab')
    const middle = await client.append(url, 2, false, 'cd')
    expect([middle.status, middle.headers.get('upload-complete')]).toEqual([204, '?0'])
    const last = await client.append(url, 4, true, 'e')
    expect([last.status, last.headers.get('upload-complete')]).toEqual([201, '?1'])
    expect(JSON.parse(last.text)).toMatchObject({ files: [{ name, size: 5 }] })
    expect(await client.server.text(name)).toBe('abcde')
  },
  'Upload Append: an empty body may complete': async client => {
    const { url, name } = await client.create(false, 'abc', { 'Upload-Length': 3 })
    expect(await client.state(url)).toEqual([204, '3', '?0', '3'])
    expect((await client.append(url, 3, true)).status).toBe(201)
    expect(await client.server.text(name)).toBe('abc')
  },
  'Upload Append: another offset is 409 with the right one': async client => {
    const { url } = await client.create(false, 'abc')
    for (const offset of [0, 2, 4]) {
      const refused = await client.append(url, offset, false, 'x')
      expect([refused.status, refused.headers.get('upload-offset'), refused.headers.get('upload-complete')]).toEqual([
        409,
        '3',
        '?0',
      ])
      expect(problemOf(refused)).toMatchObject({
        type: `${problems}mismatching-upload-offset`,
        'expected-offset': 3,
        'provided-offset': offset,
      })
    }
    expect(await client.state(url)).toEqual([204, '3', '?0', null])
  },
  'Upload Append: the content type is checked before anything else': async client => {
    const refused = await client.append(unknown, 0, false, 'x', { 'Content-Type': 'application/octet-stream' })
    expect([refused.status, refused.headers.get('accept-patch')]).toEqual([415, 'application/partial-upload'])
  },
  'Upload Append: without offset or completeness it is 400': async client => {
    const { url } = await client.create(false, 'abc')
    const incomplete = await client.send('PATCH', url, { headers: { ...partial, 'Upload-Offset': 3 }, body: 'd' })
    const lost = await client.send('PATCH', url, { headers: { ...partial, 'Upload-Complete': '?0' }, body: 'd' })
    expect([incomplete.status, lost.status]).toEqual([400, 400])
    for (const offset of ['-1', '+5', '3.0', '1e1', '9223372036854775808', '"3"', '3, 3']) {
      const refused = await client.send('PATCH', url, {
        headers: { ...partial, 'Upload-Complete': '?0', 'Upload-Offset': offset },
        body: 'd',
      })
      expect(refused.status, offset).toBe(400)
    }
    expect(await client.state(url)).toEqual([204, '3', '?0', null])
  },
  'Upload Length: declarations that do not agree are 400': async client => {
    const { url } = await client.create(false, 'abc', { 'Upload-Length': 5 })
    const wrong = [
      await client.append(url, 3, false, 'de', { 'Upload-Length': 6 }),
      await client.append(url, 3, true, 'd'),
      await client.append(url, 3, true, 'defg'),
      await client.append(url, 3, false, 'defg'),
    ]
    for (const answer of wrong) {
      expect(answer.status).toBe(400)
      expect(problemOf(answer).type).toBe(`${problems}inconsistent-upload-length`)
    }
    expect(await client.state(url)).toEqual([204, '3', '?0', '5'])
    expect((await client.create(true, 'abc', { 'Upload-Length': 4 })).status).toBe(400)
  },
  'Upload Append: a finished upload replays its answer': async client => {
    const { url, name } = await client.create(false, 'abc')
    const last = await client.append(url, 3, true, 'de')
    const again = await client.append(url, 3, true, 'de')
    expect([again.status, again.headers.get('upload-complete'), again.text]).toEqual([201, '?1', last.text])
    expect(await client.server.text(name)).toBe('abcde')
    expect(await client.state(url)).toEqual([204, '5', '?1', '5'])
  },
  'Upload Cancellation: DELETE, and it is gone': async client => {
    const { url } = await client.create(false, 'abc')
    expect((await client.send('DELETE', url)).status).toBe(204)
    expect((await client.state(url))[0]).toBe(404)
  },
  'Upload Cancellation: without any mark, as every client can send it': async client => {
    const { url } = await client.create(false, 'abc')
    expect((await client.server.send('HEAD', url)).headers.get('upload-offset')).toBe('3')
    expect((await client.server.send('DELETE', url)).status).toBe(204)
  },
  'RFC 9530: a wrong Content-Digest drops the bytes of its request': async client => {
    const { url, name } = await client.create(false, 'abc')
    const refused = await client.append(url, 3, true, 'dE', { 'Content-Digest': httpDigest('de') })
    expect(refused.status).toBe(400)
    expect(await client.state(url)).toEqual([204, '3', '?0', null])
    expect((await client.append(url, 3, true, 'de', { 'Content-Digest': httpDigest('de', 'sha512') })).status).toBe(201)
    expect(await client.server.text(name)).toBe('abcde')
  },
  'RFC 9530: a wrong Repr-Digest, and the file was never there': async client => {
    const { url, name } = await client.create(false, 'abc', { 'Repr-Digest': httpDigest('abcde') })
    const refused = await client.append(url, 3, true, 'dE')
    expect([refused.status, refused.headers.get('upload-complete')]).toEqual([400, '?1'])
    expect([(await client.state(url))[0], await client.server.text(name)]).toEqual([404, undefined])
    const late = await client.create(false, 'abc')
    const digest = { 'Repr-Digest': httpDigest('abcde') }
    expect((await client.append(late.url, 3, true, 'dE', digest)).status).toBe(400)
    const right = await client.create(false, 'abc', digest)
    expect((await client.append(right.url, 3, true, 'de')).status).toBe(201)
  },
  'RFC 9530: Want-Repr-Digest is answered at the end': async client => {
    const { url } = await client.create(false, 'abc', { 'Want-Repr-Digest': 'sha-256=10, sha-512=3' })
    const last = await client.append(url, 3, true, 'de')
    expect(last.headers.get('repr-digest')).toBe(httpDigest('abcde'))
    expect((await client.append(url, 3, true, 'de')).headers.get('repr-digest')).toBe(httpDigest('abcde'))
    const whole = await client.create(true, 'abc', { 'Want-Repr-Digest': 'sha-512=1' })
    expect(whole.headers.get('repr-digest')).toBe(httpDigest('abc', 'sha512'))
  },
}

describe.each<StorageKind>(['memory', 'disk'])('IETF resumable uploads, %s', kind => {
  let server: RealServer
  beforeAll(async () => {
    server = await realServer(kind, { expiry: 3600, policy: { maxFileSize: maxSize } })
  })
  afterAll(() => server.close())

  describe.each([6, 8])('interop version %i', version => {
    test.each(Object.entries(cases))('%s', (_name, run) => run(new Ietf(server, version)))
  })
})
