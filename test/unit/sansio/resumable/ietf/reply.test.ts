/** Answers of "Resumable Uploads for HTTP", row by row of the protocol's table. */
import { describe, expect, it } from 'vitest'
import { UploadError, type UploadErrorCode } from '../../../../../src/sansio/errors.ts'
import { OffsetMismatch } from '../../../../../src/sansio/resumable/errors.ts'
import type { IetfContext } from '../../../../../src/sansio/resumable/ietf/context.ts'
import { announceProgress, announceUpload, replyIetf } from '../../../../../src/sansio/resumable/ietf/reply.ts'
import { capabilities, id, noCapabilities, view } from '../fixture.ts'

const now = 1_000_000
const context: IetfContext = { capabilities, now, interop: 8 }
const Location = `/uploads/${id}`
const noStore = { 'Cache-Control': 'no-store' }
const limits = 'max-size=1000, max-age=90'
const expires = now + 90_999
const answer = {
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: '{"files":[]}',
  file: '{}',
  reprDigest: { algorithm: 'sha256', digest: Uint8Array.of(1, 2) },
} as const

describe('an IETF answer', () => {
  it.each([
    [
      'OPTIONS',
      { kind: 'options' },
      204,
      { 'Accept-Patch': 'application/partial-upload', 'Upload-Limit': 'max-size=1000, max-age=3600' },
    ],
    [
      'a creation that goes on',
      { kind: 'created', view: view({ offset: 5, expires }), withBody: true },
      201,
      { Location, 'Upload-Offset': '5', 'Upload-Complete': '?0', 'Upload-Limit': limits },
    ],
    [
      'HEAD',
      { kind: 'status', view: view({ offset: 5, expires }) },
      204,
      { 'Upload-Offset': '5', 'Upload-Complete': '?0', 'Upload-Length': '10', 'Upload-Limit': limits },
    ],
    [
      'HEAD when the length is not known',
      { kind: 'status', view: view({ length: undefined }) },
      204,
      { 'Upload-Offset': '0', 'Upload-Complete': '?0', 'Upload-Limit': 'max-size=1000' },
    ],
    [
      'HEAD when all bytes are there but the client did not say so',
      { kind: 'status', view: view({ offset: 10 }) },
      204,
      { 'Upload-Offset': '10', 'Upload-Complete': '?0', 'Upload-Length': '10', 'Upload-Limit': 'max-size=1000' },
    ],
    [
      'HEAD of a complete upload',
      { kind: 'status', view: view({ offset: 10, complete: true }) },
      204,
      { 'Upload-Offset': '10', 'Upload-Complete': '?1', 'Upload-Length': '10', 'Upload-Limit': 'max-size=1000' },
    ],
    [
      'an append',
      { kind: 'appended', view: view({ offset: 7 }) },
      204,
      { 'Upload-Offset': '7', 'Upload-Complete': '?0' },
    ],
    ['a cancellation', { kind: 'terminated' }, 204, {}],
  ] as [string, Parameters<typeof replyIetf>[0], number, Record<string, string>][])(
    'to %s',
    (_what, outcome, status, headers) => {
      expect(replyIetf(outcome, context)).toEqual({ status, headers: { ...noStore, ...headers } })
    },
  )

  it('to the last append is what the file itself is answered, marked as complete', () => {
    const done = view({ offset: 10, complete: true })
    expect(replyIetf({ kind: 'completed', view: done, created: false, answer }, context)).toEqual({
      status: 200,
      headers: {
        ...noStore,
        'Upload-Offset': '10',
        'Upload-Complete': '?1',
        'Repr-Digest': 'sha-256=:AQI=:',
        'Content-Type': 'application/json',
      },
      body: answer.body,
    })
  })

  it('to a creation with all bytes tells the upload, unless the file has a place of its own', () => {
    const done = view({ offset: 10, complete: true })
    const whole = { kind: 'completed', view: done, created: true } as const
    const bare = { status: 201, headers: {}, file: '{}' }
    expect(replyIetf({ ...whole, answer: bare }, context)).toEqual({
      status: 201,
      headers: { ...noStore, 'Upload-Offset': '10', 'Upload-Complete': '?1', Location },
    })
    const placed = replyIetf({ ...whole, answer: { ...bare, headers: { Location: '/files/a.txt' } } }, context)
    expect(placed.headers.Location).toBe('/files/a.txt')
  })
})

describe('limits', () => {
  const limitsOf = (can: typeof capabilities, interop: IetfContext['interop']) =>
    replyIetf({ kind: 'options' }, { capabilities: can, now, interop }).headers['Upload-Limit']

  it('are all told, and min-size=0 when there is none', () => {
    const all = { ...capabilities, minSize: 1, maxAppendSize: 500, minAppendSize: 5 }
    expect(limitsOf(all, 8)).toBe('max-size=1000, min-size=1, max-append-size=500, min-append-size=5, max-age=3600')
    expect(limitsOf(noCapabilities, 8)).toBe('min-size=0')
  })

  it('call the age as the version of the client does', () => {
    expect(limitsOf(capabilities, 6)).toBe('max-size=1000, expires=3600')
    expect(limitsOf(capabilities, 9)).toBe('max-size=1000, max-age=3600')
    expect(limitsOf(capabilities, undefined)).toBe('max-size=1000, max-age=3600')
  })

  it('never give an upload less than no time', () => {
    const late = replyIetf({ kind: 'status', view: view({ expires: now - 5000 }) }, context)
    expect(late.headers['Upload-Limit']).toBe('max-size=1000, max-age=0')
  })
})

describe('interim answers', () => {
  it.each([6, 8, 9] as const)('name the version %d of the request', interop => {
    const age = interop === 6 ? 'expires' : 'max-age'
    expect(announceUpload(view({ expires }), { ...context, interop })).toEqual({
      status: 104,
      headers: {
        'Upload-Draft-Interop-Version': String(interop),
        Location,
        'Upload-Limit': `max-size=1000, ${age}=90`,
      },
    })
    expect(announceProgress(5, { ...context, interop })).toEqual({
      status: 104,
      headers: { 'Upload-Draft-Interop-Version': String(interop), 'Upload-Offset': '5' },
    })
  })

  it('are not sent to a request without a version that we speak', () => {
    expect(announceUpload(view(), { ...context, interop: undefined })).toBeUndefined()
    expect(announceProgress(5, { ...context, interop: undefined })).toBeUndefined()
  })
})

describe('an IETF refusal', () => {
  const reply = (error: UploadError) => {
    const { body, ...rest } = replyIetf(error, context)
    return { ...rest, problem: JSON.parse(body ?? 'null') }
  }
  const problemHeaders = {
    ...noStore,
    'Content-Type': 'application/problem+json',
    'X-Content-Type-Options': 'nosniff',
  }

  it('of a wrong offset tells the right one, twice', () => {
    expect(reply(new OffsetMismatch(12, 24))).toEqual({
      status: 409,
      headers: { ...problemHeaders, 'Upload-Offset': '12', 'Upload-Complete': '?0' },
      problem: {
        type: 'https://iana.org/assignments/http-problem-types#mismatching-upload-offset',
        title: 'Mismatching Upload Offset',
        status: 409,
        detail: 'The offset does not match the upload.',
        'expected-offset': 12,
        'provided-offset': 24,
      },
    })
  })

  it.each(['inconsistent-length', 'length-exceeded'] as const)('of %s is the problem type of lengths', code => {
    const error = new UploadError(code)
    expect(reply(error)).toEqual({
      status: 400,
      headers: problemHeaders,
      problem: {
        type: 'https://iana.org/assignments/http-problem-types#inconsistent-upload-length',
        title: 'Inconsistent Upload Length Values',
        status: 400,
        detail: error.message,
      },
    })
  })

  it('of a file that is too big tells the limits, and that it is final', () => {
    expect(reply(new UploadError('file-too-big', 'Too big.'))).toEqual({
      status: 413,
      headers: { ...problemHeaders, 'Upload-Limit': 'max-size=1000, max-age=3600', 'Upload-Complete': '?1' },
      problem: { status: 413, detail: 'Too big.' },
    })
  })

  it.each([
    ['type-not-allowed', 415],
    ['name-not-allowed', 400],
    ['rejected', 422],
    ['digest-mismatch', 400],
    ['not-allowed', 403],
  ] as [UploadErrorCode, number][])('of the file itself (%s) is final', (code, status) => {
    const { headers, ...rest } = reply(new UploadError(code))
    expect(rest.status).toBe(status)
    expect(headers['Upload-Complete']).toBe('?1')
  })

  it.each([
    ['invalid-offset', 400],
    ['invalid-upload-complete', 400],
    ['unsupported-media-type', 415],
    ['not-found', 404],
    ['upload-gone', 410],
    ['checksum-mismatch', 400],
    ['invalid-checksum', 400],
    ['continued-elsewhere', 400],
    ['storage-full', 507],
    ['server-busy', 503],
  ] as [UploadErrorCode, number][])('of %s has the status %d and does not end the upload', (code, status) => {
    const error = new UploadError(code, undefined, { headers: { 'Retry-After': '2' } })
    expect(reply(error)).toEqual({
      status,
      headers: { ...problemHeaders, 'Retry-After': '2' },
      problem: { status, detail: error.message },
    })
  })
})
