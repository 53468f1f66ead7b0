/** Answers of tus 1.0.0, row by row of the protocol's table. */
import { describe, expect, it } from 'vitest'
import { UploadError, type UploadErrorCode } from '../../../../../src/sansio/errors.ts'
import { OffsetMismatch } from '../../../../../src/sansio/resumable/errors.ts'
import { replyTus } from '../../../../../src/sansio/resumable/tus/reply.ts'
import { capabilities, id, noCapabilities, otherId, view } from '../fixture.ts'

const always = { 'Tus-Resumable': '1.0.0', 'Cache-Control': 'no-store' }
const Location = `/uploads/${id}`
const expires = Date.UTC(2014, 5, 25, 16)
const answer = { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{}', file: '{"id":"1"}' }
const told = { 'Dropgate-File': '{"id":"1"}' }
const parts = [id, otherId]
const field = `final;/uploads/${id} /uploads/${otherId}`

describe('a tus answer', () => {
  it('to OPTIONS tells version, extensions, limit and algorithms', () => {
    expect(replyTus({ kind: 'options' }, capabilities)).toEqual({
      status: 204,
      headers: {
        ...always,
        'Tus-Version': '1.0.0',
        'Tus-Extension':
          'creation,creation-with-upload,creation-defer-length,termination,checksum,checksum-trailer,concatenation,expiration',
        'Tus-Max-Size': '1000',
        'Tus-Checksum-Algorithm': 'sha1,sha256',
      },
    })
  })

  it.each([
    ['concatenation', { concatenation: true, trailers: false }],
    ['checksum-trailer', { concatenation: false, trailers: true }],
    ['expiration', { ...noCapabilities, maxAge: 0 }],
  ])('advertises %s exactly when it can be done', (extension, can) => {
    const list = (of: typeof noCapabilities) =>
      replyTus({ kind: 'options' }, of).headers['Tus-Extension']?.split(',') ?? []
    expect(list(can)).toContain(extension)
    expect(list(noCapabilities)).not.toContain(extension)
  })

  it.each([
    ['a creation', { kind: 'created', view: view(), withBody: false }, 201, { Location }],
    [
      'a creation that will expire',
      { kind: 'created', view: view({ expires }), withBody: false },
      201,
      { Location, 'Upload-Expires': 'Wed, 25 Jun 2014 16:00:00 GMT' },
    ],
    [
      'a creation with bytes',
      { kind: 'created', view: view({ offset: 5 }), withBody: true },
      201,
      { Location, 'Upload-Offset': '5' },
    ],
    [
      'a creation with all bytes',
      { kind: 'completed', view: view({ offset: 10, complete: true, expires }), created: true, answer },
      201,
      { Location, 'Upload-Offset': '10', ...told },
    ],
    [
      'an append',
      { kind: 'appended', view: view({ offset: 5, expires }) },
      204,
      { 'Upload-Offset': '5', 'Upload-Expires': 'Wed, 25 Jun 2014 16:00:00 GMT' },
    ],
    [
      'the last append, also when it is repeated',
      { kind: 'completed', view: view({ offset: 10, complete: true, expires }), created: false, answer },
      204,
      { 'Upload-Offset': '10', ...told },
    ],
    ['a termination', { kind: 'terminated' }, 204, {}],
  ] as [string, Parameters<typeof replyTus>[0], number, Record<string, string>][])(
    'to %s',
    (_what, outcome, status, headers) => {
      expect(replyTus(outcome, capabilities)).toEqual({ status, headers: { ...always, ...headers } })
    },
  )

  it.each([
    ['an upload', view({ offset: 5 }), { 'Upload-Offset': '5', 'Upload-Length': '10' }],
    ['a new upload', view(), { 'Upload-Offset': '0', 'Upload-Length': '10' }],
    ['an empty upload', view({ length: 0, complete: true }), { 'Upload-Offset': '0', 'Upload-Length': '0' }],
    ['a deferred length', view({ length: undefined }), { 'Upload-Offset': '0', 'Upload-Defer-Length': '1' }],
    [
      'metadata',
      view({
        metadata: new Map([
          ['filename', 'ä\r\nX: y'],
          ['secret', ''],
        ]),
      }),
      { 'Upload-Offset': '0', 'Upload-Length': '10', 'Upload-Metadata': 'filename w6QNClg6IHk=,secret' },
    ],
    [
      'a partial upload',
      view({ concat: { kind: 'partial' } }),
      { 'Upload-Offset': '0', 'Upload-Length': '10', 'Upload-Concat': 'partial' },
    ],
    [
      'an unfinished final upload',
      view({ concat: { kind: 'final', parts, field }, length: undefined }),
      { 'Upload-Concat': field },
    ],
    [
      'a finished final upload',
      view({ concat: { kind: 'final', parts, field }, offset: 10, complete: true }),
      { 'Upload-Offset': '10', 'Upload-Length': '10', 'Upload-Concat': field },
    ],
  ])('to HEAD tells %s', (_what, state, headers) => {
    expect(replyTus({ kind: 'status', view: state }, capabilities)).toEqual({
      status: 200,
      headers: { ...always, ...headers },
    })
  })

  it.each([
    ['unsupported-version', 412],
    ['invalid-offset', 400],
    ['invalid-length', 400],
    ['invalid-upload-metadata', 400],
    ['invalid-concat', 400],
    ['invalid-checksum', 400],
    ['unknown-checksum-algorithm', 400],
    ['checksum-mismatch', 460],
    ['upload-final', 403],
    ['not-found', 404],
    ['upload-gone', 410],
    ['length-exceeded', 413],
    ['file-too-big', 413],
    ['unsupported-media-type', 415],
    ['continued-elsewhere', 400],
    ['shutting-down', 503],
  ] as [UploadErrorCode, number][])('of the refusal %s has the status %d, a sentence and no offset', (code, status) => {
    const error = new UploadError(code, undefined, { headers: { 'Retry-After': '2' } })
    expect(replyTus(error, capabilities)).toEqual({
      status,
      headers: {
        ...always,
        'Content-Type': 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
        'Retry-After': '2',
      },
      body: error.message,
    })
  })

  it('of a wrong offset tells the right one [OPT-ERR-002]', () => {
    const reply = replyTus(new OffsetMismatch(12, 24), capabilities)
    expect(reply.status).toBe(409)
    expect(reply.headers['Upload-Offset']).toBe('12')
  })
})
