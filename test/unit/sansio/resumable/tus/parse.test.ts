/** Requests of tus 1.0.0. Names in brackets are those of the public conformance suite. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isUploadError } from '../../../../../src/sansio/errors.ts'
import { effectiveMethod, unsaferMethod } from '../../../../../src/sansio/resumable/tus/method.ts'
import { parseTus } from '../../../../../src/sansio/resumable/tus/parse.ts'
import { capabilities, head, hostileIntegers, id, noCapabilities, otherId, refusal } from '../fixture.ts'

const space = { basePath: '/uploads', origins: ['https://files.example'], capabilities }
const type = { 'Content-Type': 'application/offset+octet-stream' }
const sha1 = `sha1 ${createHash('sha1').update('hello').digest('base64')}`
const sha256 = `sha256 ${createHash('sha256').update('hello').digest('base64')}`

const create = (headers: Record<string, string>, target = space) =>
  parseTus(head('POST', { 'Tus-Resumable': '1.0.0', ...headers }), target)
const onUpload = (method: string, headers: Record<string, string> = {}, target = space) =>
  parseTus(head(method, { 'Tus-Resumable': '1.0.0', ...headers }), { ...target, id })
const patch = (headers: Record<string, string>, target = space) =>
  onUpload('PATCH', { ...type, 'Upload-Offset': '0', ...headers }, target)

describe('the version [CP-VER, CP-OPT-002]', () => {
  it.each(['POST', 'HEAD', 'PATCH', 'DELETE'])('%s without Tus-Resumable is refused with the version', method => {
    for (const headers of [{}, { 'Tus-Resumable': '0.2.2' }, { 'Tus-Resumable': '1.0.0, 1.0.0' }]) {
      try {
        parseTus(head(method, headers), method === 'POST' ? space : { ...space, id })
        expect.unreachable()
      } catch (error) {
        expect(isUploadError(error) && [error.status, error.headers]).toEqual([412, { 'Tus-Version': '1.0.0' }])
      }
    }
  })

  it('does not matter for OPTIONS', () => {
    expect(parseTus(head('OPTIONS'), space)).toEqual({ kind: 'options' })
    expect(parseTus(head('OPTIONS', { 'Tus-Resumable': '9.9.9' }), { ...space, id })).toEqual({ kind: 'options' })
  })
})

describe('methods', () => {
  it.each([
    ['HEAD', 'status'],
    ['DELETE', 'terminate'],
    ['OPTIONS', 'options'],
  ])('%s of an upload is %s', (method, kind) => {
    expect(onUpload(method)).toEqual({ kind })
  })

  it.each([
    ['GET', undefined, 'POST, OPTIONS'],
    ['HEAD', undefined, 'POST, OPTIONS'],
    ['PATCH', undefined, 'POST, OPTIONS'],
    ['DELETE', undefined, 'POST, OPTIONS'],
    ['POST', id, 'HEAD, PATCH, DELETE, OPTIONS'],
    ['GET', id, 'HEAD, PATCH, DELETE, OPTIONS'],
    ['PUT', id, 'HEAD, PATCH, DELETE, OPTIONS'],
  ])('%s at %s is not allowed', (method, at, allow) => {
    try {
      parseTus(head(method, { 'Tus-Resumable': '1.0.0' }), at === undefined ? space : { ...space, id: at })
      expect.unreachable()
    } catch (error) {
      expect(isUploadError(error) && [error.status, error.headers]).toEqual([405, { Allow: allow }])
    }
  })

  it('follows X-HTTP-Method-Override, whatever the real method', () => {
    expect(onUpload('POST', { 'X-HTTP-Method-Override': 'DELETE' })).toEqual({ kind: 'terminate' })
    expect(onUpload('POST', { 'X-HTTP-Method-Override': 'head' })).toEqual({ kind: 'status' })
    const override = { ...type, 'Upload-Offset': '3', 'X-HTTP-Method-Override': 'PATCH' }
    expect(onUpload('POST', override)).toMatchObject({ kind: 'append', offset: 3 })
    expect(refusal(() => onUpload('PATCH', { 'X-HTTP-Method-Override': 'BREW' }))).toMatch(/^405 /)
  })

  it('is checked against other sites as the unsafer of the two methods (row 61)', () => {
    const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE', 'PUT']
    const safe = ['GET', 'HEAD', 'OPTIONS']
    for (const method of methods) {
      for (const override of methods) {
        const request = head(method, { 'Tus-Resumable': '1.0.0', 'X-HTTP-Method-Override': override })
        expect(effectiveMethod(request)).toBe(override)
        expect(safe.includes(unsaferMethod(request))).toBe(safe.includes(method) && safe.includes(override))
      }
      const plain = head(method, { 'X-HTTP-Method-Override': 'DELETE' })
      expect([effectiveMethod(plain), unsaferMethod(plain)]).toEqual([method, method])
    }
  })
})

describe('creation [EXT-CREATE, EXT-DEFER, EXT-CWU]', () => {
  it('takes a length, and the name and type from the metadata', () => {
    const metadata = `filename ${btoa('a.txt')},filetype ${btoa('Text/Plain; charset=utf-8')},x`
    expect(create({ 'Upload-Length': '100', 'Upload-Metadata': metadata, 'Content-Length': '0' })).toEqual({
      kind: 'create',
      length: 100,
      name: 'a.txt',
      type: 'text/plain',
      metadata: new Map([
        ['filename', 'a.txt'],
        ['filetype', 'Text/Plain; charset=utf-8'],
        ['x', ''],
      ]),
      withBody: false,
      bodyLength: 0,
      complete: undefined,
      checksumInTrailer: false,
    })
  })

  it.each([
    [{ name: 'b.png', type: 'image/png' }, 'b.png', 'image/png'],
    [{ filename: 'a', name: 'b', filetype: 'x/a', type: 'x/b' }, 'a', 'x/a'],
    [{ filename: '', name: 'b' }, 'b', ''],
    [{ type: 'not a type' }, '', ''],
  ])('reads %j as Uppy and others name them', (pairs, name, mime) => {
    const field = Object.entries(pairs).map(([key, value]) => `${key} ${btoa(value)}`)
    expect(create({ 'Upload-Length': '1', 'Upload-Metadata': field.join(',') })).toMatchObject({ name, type: mime })
  })

  it('takes an empty file, a deferred length, and the greatest length', () => {
    expect(create({ 'Upload-Length': '0' })).toMatchObject({ length: 0, withBody: false })
    expect(create({ 'Upload-Defer-Length': '1' })).toMatchObject({ length: undefined })
    expect(create({ 'Upload-Length': '9007199254740991' })).toMatchObject({ length: Number.MAX_SAFE_INTEGER })
  })

  it.each([
    ['neither length nor deferral', {}],
    ['both', { 'Upload-Length': '5', 'Upload-Defer-Length': '1' }],
    ['a deferral that is not 1', { 'Upload-Defer-Length': '0' }],
    ['a deferral of another kind', { 'Upload-Defer-Length': 'true' }],
    ['a length and a wrong deferral', { 'Upload-Length': '5', 'Upload-Defer-Length': '0' }],
    ...hostileIntegers.map(text => [`the length ${JSON.stringify(text)}`, { 'Upload-Length': text }]),
  ] as [string, Record<string, string>][])('refuses %s', (_what, headers) => {
    const raw = new Map(Object.entries({ 'Tus-Resumable': '1.0.0', ...headers }).map(([k, v]) => [k.toLowerCase(), v]))
    const request = { method: 'POST', headers: { get: (name: string) => raw.get(name) ?? null } }
    expect(refusal(() => parseTus(request, space))).toBe('400 Invalid Upload-Length.')
  })

  it('refuses bad metadata', () => {
    expect(refusal(() => create({ 'Upload-Length': '5', 'Upload-Metadata': 'a,a' }))).toBe(
      '400 Invalid upload metadata.',
    )
  })

  it('takes bytes with the right type, and refuses them with another', () => {
    expect(create({ 'Upload-Length': '5', 'Content-Length': '5', ...type })).toMatchObject({
      withBody: true,
      bodyLength: 5,
    })
    expect(create({ 'Upload-Length': '5', 'Transfer-Encoding': 'chunked', ...type })).toMatchObject({
      withBody: true,
      bodyLength: undefined,
    })
    expect(create({ 'Upload-Length': '5', 'Content-Length': '0', ...type })).toMatchObject({ withBody: false })
    const wrong = '415 Expected application/offset+octet-stream.'
    expect(refusal(() => create({ 'Upload-Length': '5', 'Content-Length': '5' }))).toBe(wrong)
    // As a proxy that speaks HTTP/2 to the client passes on a creation that had no body.
    const passedOn = { 'Upload-Length': '5', 'Transfer-Encoding': 'chunked' }
    expect(create(passedOn)).toMatchObject({ withBody: false })
    expect(refusal(() => create({ ...passedOn, 'Content-Type': 'image/png' }))).toBe(wrong)
    const image = { 'Upload-Length': '5', 'Content-Length': '5', 'Content-Type': 'image/png' }
    expect(refusal(() => create(image))).toBe(wrong)
  })

  it('takes a checksum of the bytes it comes with [OPT-CSUM-003]', () => {
    const headers = { 'Upload-Length': '5', 'Content-Length': '5', ...type, 'Upload-Checksum': sha1 }
    expect(create(headers)).toMatchObject({ checksum: { algorithm: 'sha1' } })
  })
})

describe('concatenation [EXT-CONCAT], row 71', () => {
  const final = (list: string, more: Record<string, string> = {}) =>
    create({ 'Upload-Concat': `final;${list}`, ...more })
  const refused = '400 Invalid Upload-Concat.'

  it('takes a partial upload', () => {
    const partial = create({ 'Upload-Concat': 'partial', 'Upload-Length': '5' })
    expect(partial).toMatchObject({ concat: { kind: 'partial' }, length: 5 })
    expect(create({ 'Upload-Concat': 'partial', 'Upload-Defer-Length': '1' })).toMatchObject({ length: undefined })
    expect(refusal(() => create({ 'Upload-Concat': 'partial' }))).toBe('400 Invalid Upload-Length.')
  })

  it.each([
    ['paths', `/uploads/${id} /uploads/${otherId}`, [id, otherId]],
    ['absolute URLs', `https://files.example/uploads/${id} HTTPS://FILES.EXAMPLE/uploads/${otherId}`, [id, otherId]],
    ['http for https, as behind a proxy', `http://files.example/uploads/${id}`, [id]],
    ['one part twice', `/uploads/${id} /uploads/${id}`, [id, id]],
    ['a space after the semicolon', ` /uploads/${id}`, [id]],
    ['1,000 parts', Array(1000).fill(`/uploads/${id}`).join(' '), Array(1000).fill(id)],
  ])('takes %s', (_what, list, parts) => {
    expect(final(list)).toMatchObject({
      length: undefined,
      withBody: false,
      concat: { kind: 'final', parts, field: `final;${list}` },
    })
  })

  it.each([
    ['no part', ''],
    ['another origin', `https://evil.example/uploads/${id}`],
    ['our host with another port', `https://files.example:8443/uploads/${id}`],
    ['our host in another protocol', `ftp://files.example/uploads/${id}`],
    ['our host as a prefix', `https://files.example.evil/uploads/${id}`],
    ['our host as a user', `https://files.example@evil/uploads/${id}`],
    ['a URL without scheme', `//evil.example/uploads/${id}`],
    ['a relative path', `uploads/${id}`],
    ['a bare id', id],
    ['another path', `/other/${id}`],
    ['the path as a prefix', `/uploadsx/${id}`],
    ['dot segments', `/uploads/../${id}`],
    ['dot segments to the file system', '/uploads/../../../../etc/passwd'],
    ['escaped dot segments', `/uploads/%2e%2e%2f${id}`],
    ['a backslash', `/uploads\\${id}`],
    ['a second segment', `/uploads/${id}/x`],
    ['a slash at the end', `/uploads/${id}/`],
    ['a query', `/uploads/${id}?x`],
    ['a fragment', `/uploads/${id}#x`],
    ['a short id', '/uploads/a'],
    ['the endpoint itself', '/uploads/'],
    ['two spaces', `/uploads/${id}  /uploads/${otherId}`],
    ['a comma', `/uploads/${id},/uploads/${otherId}`],
    ['a tab', `/uploads/${id}\t/uploads/${otherId}`],
    ['one good and one bad part', `/uploads/${id} /etc/passwd`],
    ['1,001 parts', Array(1001).fill(`/uploads/${id}`).join(' ')],
  ])('refuses %s', (_what, list) => {
    expect(refusal(() => final(list))).toBe(refused)
  })

  it.each(['', 'Partial', 'final', 'partial;', 'finalx;/uploads/a', 'concat'])('refuses the form %j', form => {
    expect(refusal(() => create({ 'Upload-Concat': form, 'Upload-Length': '5' }))).toBe(refused)
  })

  it('refuses a length or bytes of its own for the final upload', () => {
    const list = `/uploads/${id}`
    expect(refusal(() => final(list, { 'Upload-Length': '5' }))).toBe('400 Invalid Upload-Length.')
    expect(refusal(() => final(list, { 'Upload-Defer-Length': '1' }))).toBe('400 Invalid Upload-Length.')
    expect(refusal(() => final(list, { ...type, 'Content-Length': '5' }))).toMatch(/^403 /)
  })

  it('is refused where the storage can not join', () => {
    const target = { ...space, capabilities: noCapabilities }
    expect(refusal(() => create({ 'Upload-Concat': 'partial', 'Upload-Length': '5' }, target))).toBe(refused)
  })
})

describe('append [CP-PATCH]', () => {
  it('takes an offset, and a length told late', () => {
    expect(patch({ 'Upload-Offset': '70', 'Content-Length': '30' })).toEqual({
      kind: 'append',
      offset: 70,
      length: undefined,
      bodyLength: 30,
      complete: undefined,
      checksumInTrailer: false,
    })
    expect(patch({ 'Upload-Length': '100' })).toMatchObject({ length: 100 })
    expect(patch({ 'Content-Type': 'Application/Offset+Octet-Stream; v=1' })).toMatchObject({ offset: 0 })
  })

  it.each([undefined, 'application/octet-stream', 'text/plain', 'application/partial-upload', 'application/offset'])(
    'refuses the type %s before anything else',
    wrong => {
      const headers = { 'Upload-Offset': '-1', 'Upload-Length': 'x', ...(wrong && { 'Content-Type': wrong }) }
      expect(refusal(() => onUpload('PATCH', headers))).toBe('415 Expected application/offset+octet-stream.')
    },
  )

  it.each(hostileIntegers)('refuses the offset %j', text => {
    const request = {
      method: 'PATCH',
      headers: {
        get: (name: string) =>
          ({ 'tus-resumable': '1.0.0', 'content-type': type['Content-Type'], 'upload-offset': text })[name] ?? null,
      },
    }
    expect(refusal(() => parseTus(request, { ...space, id }))).toBe('400 Invalid Upload-Offset.')
  })

  it('refuses a missing offset and a length that is none', () => {
    expect(refusal(() => onUpload('PATCH', type))).toBe('400 Invalid Upload-Offset.')
    expect(refusal(() => patch({ 'Upload-Length': '1e3' }))).toBe('400 Invalid Upload-Length.')
  })
})

describe('checksum [EXT-CSUM]', () => {
  it.each([
    ['sha1', sha1, 20],
    ['sha256', sha256, 32],
  ])('reads %s', (algorithm, field, length) => {
    const { checksum } = patch({ 'Upload-Checksum': field }) as { checksum?: { digest: Uint8Array } }
    expect(checksum).toMatchObject({ algorithm })
    expect(checksum?.digest).toHaveLength(length)
    expect(Buffer.from(checksum?.digest ?? []).toString('base64')).toBe(field.split(' ')[1])
  })

  it.each([
    ['md5 XUFAKrxLKna5cZ2REBfFkg==', '400 Unknown checksum algorithm.'],
    ['crc32 NhCmhg==', '400 Unknown checksum algorithm.'],
    [`sha512 ${'A'.repeat(86)}==`, '400 Unknown checksum algorithm.'],
    ['constructor AAAA', '400 Unknown checksum algorithm.'],
    ['', '400 Invalid Upload-Checksum.'],
    ['sha1', '400 Invalid Upload-Checksum.'],
    [sha1.replace('sha1', 'SHA1'), '400 Invalid Upload-Checksum.'],
    [sha1.replace(' ', '  '), '400 Invalid Upload-Checksum.'],
    [sha1.replace(' ', ':'), '400 Invalid Upload-Checksum.'],
    [sha1.replace(/=$/, ''), '400 Invalid Upload-Checksum.'],
    ['sha1 !!!!', '400 Invalid Upload-Checksum.'],
    ['sha1 AAAA', '400 Invalid Upload-Checksum.'],
    [sha256.replace('sha256', 'sha1'), '400 Invalid Upload-Checksum.'],
    [`${sha1}, ${sha256}`, '400 Invalid Upload-Checksum.'],
  ])('refuses %j', (field, sentence) => {
    expect(refusal(() => patch({ 'Upload-Checksum': field }))).toBe(sentence)
  })

  it('may come as a trailer [EXT-CSUM-TR]', () => {
    const headers = { 'Transfer-Encoding': 'chunked', Trailer: 'X-Other, Upload-Checksum' }
    expect(patch(headers)).toMatchObject({ checksumInTrailer: true })
    expect(patch({ ...headers, 'Upload-Checksum': sha1 })).toMatchObject({ checksumInTrailer: false })
    expect(patch({ Trailer: 'X-Upload-Checksum' })).toMatchObject({ checksumInTrailer: false })
  })

  it('is refused as a trailer where trailers can not be read, not silently skipped', () => {
    const target = { ...space, capabilities: noCapabilities }
    expect(refusal(() => patch({ Trailer: 'Upload-Checksum' }, target))).toMatch(/^400 /)
  })
})

it('spends no more than linear time on hostile fields', () => {
  const fields = ['Upload-Metadata', 'Upload-Concat', 'Upload-Checksum', 'Trailer', 'Content-Type', 'Upload-Length']
  for (const name of fields) {
    for (const piece of [' ', ',', ';', 'a ', '/', '=', 'final;', ' \t']) {
      const text = `a${piece.repeat(60_000)}b`
      const raw = new Map([
        ['tus-resumable', '1.0.0'],
        ['upload-length', '1'],
        [name.toLowerCase(), text],
      ])
      const request = { method: 'POST', headers: { get: (wanted: string) => raw.get(wanted) ?? null } }
      const started = performance.now()
      refusal(() => parseTus(request, space))
      expect(performance.now() - started, `${name} of many ${JSON.stringify(piece)}`).toBeLessThan(200)
    }
  }
})
