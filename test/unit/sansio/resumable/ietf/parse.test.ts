/** Requests of "Resumable Uploads for HTTP", interop versions 6 to 9. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isUploadError } from '../../../../../src/sansio/errors.ts'
import { parseIetf } from '../../../../../src/sansio/resumable/ietf/parse.ts'
import { interopVersion } from '../../../../../src/sansio/resumable/ietf/version.ts'
import { head, id, refusal } from '../fixture.ts'

const type = { 'Content-Type': 'application/partial-upload' }
const digest = (algorithm: string) => `:${createHash(algorithm).update('hello').digest('base64')}:`

const create = (headers: Record<string, string>, method = 'POST') => parseIetf(head(method, headers), {})
const append = (headers: Record<string, string>) =>
  parseIetf(head('PATCH', { ...type, 'Upload-Offset': '5', 'Upload-Complete': '?0', ...headers }), { id })

/** No integers of structured fields, so the field counts as absent. */
const noIntegers = ['-1', '+5', '5.0', '1e1', '5, 5', '"5"', '?1', '9223372036854775808', '1000000000000000']

describe('methods', () => {
  it.each([
    ['OPTIONS', undefined, 'options'],
    ['OPTIONS', id, 'options'],
    ['HEAD', id, 'status'],
    ['GET', id, 'status'],
    ['DELETE', id, 'terminate'],
  ])('%s at %s is %s', (method, at, kind) => {
    expect(parseIetf(head(method), at === undefined ? {} : { id: at })).toEqual({ kind })
  })

  it.each([
    ['GET', undefined, 'POST, PUT, PATCH, OPTIONS'],
    ['HEAD', undefined, 'POST, PUT, PATCH, OPTIONS'],
    ['DELETE', undefined, 'POST, PUT, PATCH, OPTIONS'],
    ['POST', id, 'HEAD, GET, PATCH, DELETE, OPTIONS'],
    ['PUT', id, 'HEAD, GET, PATCH, DELETE, OPTIONS'],
  ])('%s at %s is not allowed', (method, at, allow) => {
    try {
      parseIetf(head(method, { 'Upload-Complete': '?1' }), at === undefined ? {} : { id: at })
      expect.unreachable()
    } catch (error) {
      expect(isUploadError(error) && [error.status, error.headers]).toEqual([405, { Allow: allow }])
    }
  })

  it('does not follow a method override', () => {
    const request = head('POST', { 'Upload-Complete': '?1', 'X-HTTP-Method-Override': 'DELETE' })
    expect(refusal(() => parseIetf(request, { id }))).toMatch(/^405 /)
  })
})

describe('the interop version', () => {
  it.each([
    ['6', 6],
    ['8', 8],
    ['9', 9],
    ['8;x=1', 8],
    ['5', undefined],
    ['7', undefined],
    ['10', undefined],
    ['08.0', undefined],
    ['eight', undefined],
    ['6, 8', undefined],
  ])('%s is %s', (field, version) => {
    expect(interopVersion(head('POST', { 'Upload-Draft-Interop-Version': field }))).toBe(version)
  })

  it('is none when the request does not say', () => {
    expect(interopVersion(head('POST'))).toBeUndefined()
  })
})

describe('creation', () => {
  it('with all bytes knows the length from the body', () => {
    const headers = { 'Upload-Complete': '?1', 'Content-Length': '100', 'Content-Type': 'Image/PNG' }
    expect(create(headers)).toEqual({
      kind: 'create',
      complete: true,
      length: 100,
      bodyLength: 100,
      name: '',
      type: 'image/png',
      metadata: new Map([['filetype', 'image/png']]),
      withBody: true,
      checksumInTrailer: false,
    })
    expect(create({ ...headers, 'Upload-Length': '100' })).toMatchObject({ length: 100 })
  })

  it.each(['POST', 'PUT', 'PATCH'])('may be a %s', method => {
    expect(create({ 'Upload-Complete': '?0' }, method)).toMatchObject({ kind: 'create', complete: false })
  })

  it.each([
    ['some bytes', { 'Upload-Complete': '?0', 'Content-Length': '25', 'Upload-Length': '100' }, 100, true],
    ['no bytes yet', { 'Upload-Complete': '?0', 'Content-Length': '0', 'Upload-Length': '100' }, 100, false],
    ['no bytes and no length', { 'Upload-Complete': '?0', 'Content-Length': '0' }, undefined, false],
    ['some bytes and no length', { 'Upload-Complete': '?0', 'Content-Length': '25' }, undefined, true],
    ['an empty file', { 'Upload-Complete': '?1', 'Content-Length': '0' }, 0, false],
    ['a stream', { 'Upload-Complete': '?1', 'Transfer-Encoding': 'chunked' }, undefined, true],
    ['a stream of known length', { 'Upload-Complete': '?1', 'Upload-Length': '7' }, 7, true],
    [
      'all bytes that may still not be the last',
      { 'Upload-Complete': '?0', 'Content-Length': '7', 'Upload-Length': '7' },
      7,
      true,
    ],
  ] as [string, Record<string, string>, number | undefined, boolean][])(
    'with %s',
    (_what, headers, length, withBody) => {
      expect(create(headers)).toMatchObject({ length, withBody, complete: headers['Upload-Complete'] === '?1' })
    },
  )

  it.each([
    { 'Upload-Complete': '?1', 'Content-Length': '99', 'Upload-Length': '100' },
    { 'Upload-Complete': '?1', 'Content-Length': '101', 'Upload-Length': '100' },
    { 'Upload-Complete': '?0', 'Content-Length': '101', 'Upload-Length': '100' },
  ])('refuses lengths that do not agree: %j', headers => {
    expect(refusal(() => create(headers))).toBe('400 The lengths of the upload do not agree.')
  })

  it.each(noIntegers)('ignores the length %j', text => {
    expect(create({ 'Upload-Complete': '?0', 'Upload-Length': text })).toMatchObject({ length: undefined })
  })

  it.each([undefined, '1', 'true', '?2', '?1, ?1', '"?1"'])('refuses the completeness %j', text => {
    expect(refusal(() => create(text === undefined ? {} : { 'Upload-Complete': text }))).toBe(
      '400 Invalid Upload-Complete.',
    )
  })

  it.each([
    ['inline; filename="a.jpg"', 'a.jpg'],
    [`inline; filename="file name.jpg"; filename*=UTF-8''file%20name.jpg`, 'file name.jpg'],
    [`inline; filename="fallback"; filename*=utf-8'en'%C3%A4%F0%9F%98%80.jpg`, 'ä😀.jpg'],
    [`inline; filename="fallback"; filename*=ISO-8859-1''%E4.jpg`, 'fallback'],
    [`inline; filename="fallback"; filename*=UTF-8''%zz`, 'fallback'],
    [`inline; filename="fallback"; filename*=broken`, 'fallback'],
    [`attachment; filename*=UTF-8''..%2F..%2Fx`, '../../x'],
    ['inline', ''],
    ['inline; filename=""', ''],
    ['inline; filename=a; filename=b', ''],
  ])('reads the name from %j', (field, name) => {
    expect(create({ 'Upload-Complete': '?1', 'Content-Disposition': field })).toMatchObject({ name })
  })

  it('takes a name from the URL or from tus metadata where the header has none', () => {
    const metadata = { 'Upload-Metadata': `filename ${btoa('m.png')},filetype ${btoa('image/png')},note` }
    const request = (headers: Record<string, string>) => head('POST', { 'Upload-Complete': '?0', ...headers })
    expect(parseIetf(request({}), { name: 'q.png' })).toMatchObject({ name: 'q.png', type: '' })
    expect(parseIetf(request(metadata), {})).toMatchObject({
      name: 'm.png',
      type: 'image/png',
      metadata: new Map([
        ['filename', 'm.png'],
        ['filetype', 'image/png'],
        ['note', ''],
      ]),
    })
    expect(
      parseIetf(request({ 'Content-Disposition': 'inline; filename=d.png', ...metadata }), { name: 'q' }),
    ).toMatchObject({ name: 'd.png' })
    expect(refusal(() => parseIetf(request({ 'Upload-Metadata': 'a,a' }), {}))).toBe('400 Invalid upload metadata.')
  })

  it.each(['application/partial-upload', 'application/offset+octet-stream'])(
    'does not take %s for the type of the file',
    wrapping => {
      expect(create({ 'Upload-Complete': '?0', 'Content-Type': wrapping })).toMatchObject({ type: '' })
    },
  )
})

describe('append', () => {
  it('takes an offset and whether it is the end', () => {
    expect(append({ 'Content-Length': '3' })).toEqual({
      kind: 'append',
      offset: 5,
      length: undefined,
      bodyLength: 3,
      complete: false,
      checksumInTrailer: false,
    })
    expect(append({ 'Upload-Complete': '?1', 'Content-Length': '3' })).toMatchObject({ length: 8, complete: true })
    expect(append({ 'Upload-Complete': '?1', 'Content-Length': '0' })).toMatchObject({ length: 5, complete: true })
    expect(append({ 'Upload-Complete': '?1' })).toMatchObject({ length: undefined, complete: true })
    expect(append({ 'Upload-Length': '20' })).toMatchObject({ length: 20, complete: false })
  })

  it.each([undefined, 'application/octet-stream', 'application/offset+octet-stream', 'image/png'])(
    'refuses the type %s before anything else, and names the right one',
    wrong => {
      try {
        parseIetf(head('PATCH', wrong === undefined ? {} : { 'Content-Type': wrong }), { id })
        expect.unreachable()
      } catch (error) {
        expect(isUploadError(error) && [error.status, error.message, error.headers]).toEqual([
          415,
          'Expected application/partial-upload.',
          { 'Accept-Patch': 'application/partial-upload' },
        ])
      }
    },
  )

  it.each(noIntegers)('refuses the offset %j, which is none', text => {
    expect(refusal(() => append({ 'Upload-Offset': text }))).toBe('400 Invalid Upload-Offset.')
  })

  it('refuses a missing offset and a missing or malformed completeness', () => {
    expect(refusal(() => parseIetf(head('PATCH', { ...type, 'Upload-Complete': '?1' }), { id }))).toBe(
      '400 Invalid Upload-Offset.',
    )
    expect(refusal(() => parseIetf(head('PATCH', { ...type, 'Upload-Offset': '5' }), { id }))).toBe(
      '400 Invalid Upload-Complete.',
    )
    expect(refusal(() => append({ 'Upload-Complete': 'yes' }))).toBe('400 Invalid Upload-Complete.')
  })

  it.each([
    { 'Upload-Complete': '?1', 'Content-Length': '3', 'Upload-Length': '9' },
    { 'Upload-Complete': '?1', 'Content-Length': '3', 'Upload-Length': '7' },
    { 'Upload-Complete': '?0', 'Content-Length': '3', 'Upload-Length': '7' },
    { 'Upload-Complete': '?1', 'Content-Length': '9007199254740991' },
  ])('refuses lengths that do not agree: %j', headers => {
    expect(refusal(() => append(headers))).toBe('400 The lengths of the upload do not agree.')
  })
})

describe('digests (RFC 9530)', () => {
  it.each([
    ['sha-256', { algorithm: 'sha256' }],
    ['sha-512', { algorithm: 'sha512' }],
  ])('reads %s of the content and of the representation', (key, checksum) => {
    const value = `${key}=${digest(key.replace('-', ''))}`
    expect(append({ 'Content-Digest': value, 'Repr-Digest': value })).toMatchObject({
      checksum,
      reprDigest: checksum,
    })
  })

  it('takes the strongest it knows, and passes over the others', () => {
    const both = `sha-256=${digest('sha256')}, sha-512=${digest('sha512')}, md5=${digest('md5')}`
    expect(append({ 'Content-Digest': both })).toMatchObject({ checksum: { algorithm: 'sha512' } })
    expect(append({ 'Content-Digest': `md5=${digest('md5')}, x=tok` })).not.toHaveProperty('checksum')
  })

  it.each([
    ['not a dictionary', 'sha-256'],
    ['no byte sequence', 'sha-256=5'],
    ['a digest without colons', `sha-256=${digest('sha256').slice(1, -1)}`],
    ['a digest of another length', `sha-256=${digest('sha1')}`],
    ['a malformed dictionary', `sha-256=${digest('sha256')},`],
    ['one good and one bad', `sha-256=${digest('sha256')}, sha-512=${digest('sha256')}`],
  ])('refuses %s: whoever sends a digest wants it checked', (_what, field) => {
    expect(refusal(() => append({ 'Content-Digest': field }))).toBe('400 Invalid Content-Digest.')
    expect(refusal(() => append({ 'Repr-Digest': field }))).toBe('400 Invalid Repr-Digest.')
  })

  it.each([
    ['sha-256=3', 'sha256'],
    ['sha-256=3, sha-512=10', 'sha512'],
    ['sha-256=10, sha-512=3', 'sha256'],
    ['md5=10, sha-256=1', 'sha256'],
  ])('knows that %s wants %s', (field, algorithm) => {
    expect(append({ 'Want-Repr-Digest': field })).toMatchObject({ wantReprDigest: algorithm })
  })

  it.each(['sha-256=0', 'sha-256=11', 'sha-256=-1', 'sha-256', 'sha-256=1.5', 'md5=10', 'sha-256=1,', ''])(
    'knows that %j wants nothing it has',
    field => {
      expect(append({ 'Want-Repr-Digest': field })).not.toHaveProperty('wantReprDigest')
    },
  )
})
