/** Every advisory of every peer: its input comes to the end we decided on, whole and at every cut. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../../src/node.ts'
import { decodeUtf8 } from '../../../src/sansio/bytes/utf8.ts'
import { issueToken, verifyToken } from '../../../src/sansio/csrf/token.ts'
import { isUploadError, type UploadErrorCode, uploadErrors } from '../../../src/sansio/errors.ts'
import { cleanFilename } from '../../../src/sansio/filename.ts'
import { boundaryOf } from '../../../src/sansio/multipart/boundary.ts'
import { isAccepted } from '../../../src/sansio/policy/accept.ts'
import { uploadIdPattern } from '../../../src/sansio/resumable/fields.ts'
import { dispositionName } from '../../../src/sansio/resumable/ietf/disposition.ts'
import { parseMetadata } from '../../../src/sansio/resumable/metadata.ts'
import { parseConcat } from '../../../src/sansio/resumable/tus/concat.ts'
import { createSigner } from '../../../src/server/signer.ts'
import { nativeMultipartTools } from '../../../src/upload/native-tools.ts'
import { client, serve } from '../../integration/adapters/serving.ts'
import { byteByByte, expectedOutcome, feed, inChunks, type Outcome } from '../../unit/sansio/multipart/feed.ts'
import type { BodyFixture } from '../fixture.ts'
import { publishedIds } from './ids.ts'
import { type Advisory, advisories, type TextFace } from './index.ts'

/** Longer bodies are not cut at every byte, but near both ends and into pieces of five sizes. */
const everyCut = 4096

const faces: Record<Exclude<TextFace, 'request'>, (text: string) => unknown> = {
  'content-type': boundaryOf,
  'declared-type': type => isAccepted(['image/*'], { name: 'x', type }),
  disposition: text => dispositionName(text, decodeUtf8) ?? null,
  'file-name': cleanFilename,
  'upload-concat': text => parseConcat(text, { basePath: '/uploads', origins: ['http://here.example'] }),
  'upload-id': text => uploadIdPattern.test(text),
  'upload-metadata': text => [...parseMetadata(text)],
}

/** What is wrong with the entry itself, as sentences. */
function flaws({ ids, decision, inputs = [], elsewhere = [], absent, peer, mechanism }: Advisory): string[] {
  const name = ids[0] ?? 'an advisory'
  return [
    ...(ids.length === 0 || ids.some(id => id.trim() === '') ? [`${name}: no id`] : []),
    ...(decision.trim().length < 10 ? [`${name}: no decision`] : []),
    ...(peer.trim() === '' || mechanism.trim() === '' ? [`${name}: nobody knows what it was`] : []),
    ...(inputs.length + elsewhere.length === 0 && absent === undefined ? [`${name}: nothing is shown`] : []),
    ...(absent !== undefined && (inputs.length > 0 || absent.trim().length < 10)
      ? [`${name}: absent without reason`]
      : []),
    ...inputs
      .filter(input => (input.face === 'body' ? input.fixture.expected : input.expected) === undefined)
      .map(() => `${name}: an input without expectation`),
    ...elsewhere
      .map(([file, line]) => [file, line, fileURLToPath(new URL(`../../../${file}`, import.meta.url))] as const)
      .filter(([, line, path]) => !existsSync(path) || !readFileSync(path, 'utf8').includes(line))
      .map(([file, line]) => `${name}: ${file} has no ${line}`),
  ]
}

describe('the list of advisories', () => {
  it('has an entry with decision and expectation for every published id', () => {
    const covered = advisories.flatMap(({ ids }) => ids)
    expect(publishedIds.filter(id => !covered.includes(id))).toEqual([])
    expect(covered.filter(id => /^(?:CVE|GHSA|GO)-/.test(id) && !publishedIds.includes(id))).toEqual([])
    expect(advisories.flatMap(flaws)).toEqual([])
    expect(publishedIds.length).toBe(156)
    expect(advisories.flatMap(({ inputs = [] }) => inputs).length).toBeGreaterThanOrEqual(200)
  })

  it('notices an entry that lacks its id, decision, expectation or test', () => {
    const entry: Advisory = { ids: ['CVE-1'], peer: 'p', mechanism: 'm', decision: 'We refuse it.', inputs: [] }
    const input = { face: 'file-name', title: 't', text: 't' } as never
    const broken: Advisory[] = [
      entry,
      { ...entry, ids: [], absent: 'It is not there.' },
      { ...entry, decision: '', absent: 'It is not there.' },
      { ...entry, inputs: [input] },
      { ...entry, absent: '' },
      { ...entry, elsewhere: [['test/nowhere.test.ts', 'x']] },
      { ...entry, elsewhere: [['test/threats/limits-rows.test.ts', 'row: 1000,']] },
    ]
    expect(broken.map(one => flaws(one).length)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(flaws({ ...entry, absent: 'It is not there.' })).toEqual([])
  })
})

const bodies = advisories.flatMap(({ ids, inputs = [] }) =>
  inputs.flatMap(input =>
    input.face === 'body' ? [[`${ids[0]}: ${input.fixture.title}`, input.fixture] as const] : [],
  ),
)

describe.each([
  ['with plain tools', undefined],
  ['with native tools', nativeMultipartTools],
])('bodies of advisories %s', (_, tools) => {
  it.each(bodies)('%s', (_title, fixture: BodyFixture) => {
    const { boundary, body, limits } = fixture
    const whole = feed(boundary, [body], { limits, tools })
    const expected = expectedOutcome(fixture)
    if (typeof expected === 'string') expect(whole.error).toBe(expected)
    else expect(whole).toEqual(expected)

    const reference = JSON.stringify(comparable(whole))
    const same = (how: string, chunks: Iterable<Uint8Array>) => {
      const outcome = JSON.stringify(comparable(feed(boundary, chunks, { limits, tools })))
      if (outcome !== reference) expect.fail(`${how}: ${outcome.slice(0, 500)} instead of ${reference.slice(0, 500)}`)
    }
    const sizes = [7, boundary.length - 1, boundary.length, 64 * 1024].map(size => Math.max(size, 1))
    if (body.length <= 64 * 1024) same('byte by byte', byteByByte(body))
    for (const size of sizes) same(`in chunks of ${size}`, inChunks(body, size))
    for (const cut of cutsOf(body)) same(`cut at ${cut}`, [body.subarray(0, cut), body.subarray(cut)])
  })
})

describe('bodies of advisories, sent to the whole server', () => {
  it.each(bodies.filter(([, { limits }]) => limits === undefined))(
    '%s',
    async (_title, { boundary, body, expected }) => {
      const before = Reflect.ownKeys(Object.prototype).length
      const uploads = dropgate({ storage: memoryStorage(), policy: { maxFiles: 1000 }, csrf: false, log: () => {} })
      const response = await uploads.handle(
        new Request('http://x/uploads', {
          method: 'POST',
          headers: { 'Content-Type': `multipart/form-data; boundary="${boundary}"` },
          body: new Uint8Array(body),
        }),
      )
      const text = await response.text()
      if (typeof expected === 'string') {
        expect(`${response.status} ${text}`).toBe(sentenceOf(expected))
      } else if (expected.some(part => part.filename)) {
        expect(response.status).toBe(201)
        expect(JSON.parse(text).files).toHaveLength(expected.filter(part => part.filename).length)
      } else {
        expect(`${response.status} ${text}`).toBe('400 No file was uploaded.')
      }
      expect(Reflect.ownKeys(Object.prototype).length).toBe(before)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
      await uploads.close()
    },
  )
})

const texts = advisories.flatMap(({ ids, inputs = [] }) =>
  inputs.flatMap(input =>
    input.face === 'body' ? [] : [[`${ids[0]}: ${input.face}: ${input.title}`, input] as const],
  ),
)

describe('texts of advisories', () => {
  it.each(texts.filter(([, { face }]) => face !== 'request'))('%s', (_title, { face, text, expected }) => {
    if (face === 'request') throw new Error('not a text')
    const begin = performance.now()
    const result = outcomeOf(() => faces[face](text))
    // Linear parsers need well under 1 ms for 16 KiB; backtracking ones need seconds.
    expect(performance.now() - begin).toBeLessThan(100)
    expect(result).toEqual(expected)
  })

  it.each(texts.filter(([, { face }]) => face === 'request'))('%s', async (_title, { text, expected }) => {
    const uploads = dropgate({ storage: memoryStorage(), csrf: false, log: () => {} })
    const port = await serve(prepareServer(createServer(nodeUploads(uploads))))
    const sender = await client(port)
    await sender.write(text)
    await sender.until(() => sender.text.includes('\r\n\r\n'))
    const answer = `${sender.text.slice(9, 12)} ${sender.text.slice(sender.text.indexOf('\r\n\r\n') + 4)}`
    expect('value' in expected && answer.startsWith(String(expected.value)), answer).toBe(true)
    // It lives, and takes the next one.
    const next = await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'POST', body: oneFile() })
    expect(next.status).toBe(201)
  })
})

describe('CVE-2020-15237: signatures are compared in constant time', () => {
  it('asks the signer, never ===', () => {
    const signer = createSigner(['secret'])
    const token = issueToken(signer, 'session', 0, new Uint8Array(16))
    const times = { now: 0, limit: null }
    expect(verifyToken(signer, token, 'session', times)).toBeDefined()
    for (const nth of [2, 3]) {
      let asked = 0
      const equal = (a: Uint8Array, b: Uint8Array) => ++asked !== nth && signer.equal(a, b)
      expect(outcomeOf(() => verifyToken({ ...signer, equal }, token, 'session', times))).toHaveProperty('refused')
    }
  })
})

function comparable(outcome: Outcome): unknown {
  if (!outcome.error) return outcome
  return { error: outcome.error, events: outcome.events.map(e => (typeof e === 'object' && !e.ended ? e.part : e)) }
}

function cutsOf(body: Buffer): number[] {
  const near = 24
  const all = Array.from({ length: Math.min(body.length, everyCut) }, (_, n) => n + 1)
  if (body.length <= everyCut) return all.slice(0, -1)
  return [...all.slice(0, near), ...all.slice(0, near).map(n => body.length - n)]
}

function outcomeOf(action: () => unknown): unknown {
  try {
    return { value: action() }
  } catch (error) {
    if (!isUploadError(error)) throw error
    return { refused: error.code }
  }
}

function sentenceOf(code: UploadErrorCode): string {
  return `${uploadErrors[code].status} ${uploadErrors[code].text}`
}

function oneFile(): FormData {
  const body = new FormData()
  body.append('file', new Blob(['x']), 'x.txt')
  return body
}
