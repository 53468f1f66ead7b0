import { describe, expect, it } from 'vitest'
import { isUploadError } from '../../../../src/sansio/errors.ts'
import { dialectOf } from '../../../../src/sansio/resumable/dialect.ts'
import { head, refusal } from './fixture.ts'

const tus = { 'Tus-Resumable': '1.0.0' }
const form = { 'Content-Type': 'multipart/form-data; boundary=x' }
const partial = { 'Content-Type': 'application/partial-upload' }
const wrongVersion = '412 Unsupported protocol version.'

describe('the dialect of a request', () => {
  it.each([
    ['OPTIONS', false, {}, 'options'],
    ['OPTIONS', true, tus, 'options'],
    ['POST', false, tus, 'tus'],
    ['POST', false, { 'Tus-Resumable': '0.2.2' }, 'tus'],
    ['HEAD', true, tus, 'tus'],
    ['PATCH', true, tus, 'tus'],
    ['DELETE', true, tus, 'tus'],
    ['POST', false, { ...tus, 'Upload-Complete': '?1' }, 'tus'],
    ['POST', false, { ...tus, ...form }, 'tus'],
    ['POST', false, { 'Upload-Complete': '?1' }, 'ietf'],
    ['PUT', false, { 'Upload-Complete': '?0' }, 'ietf'],
    ['PATCH', false, { 'Upload-Complete': '?0' }, 'ietf'],
    ['POST', false, { 'Upload-Draft-Interop-Version': '8' }, 'ietf'],
    ['GET', true, { 'Upload-Draft-Interop-Version': '8' }, 'ietf'],
    ['PATCH', true, partial, 'ietf'],
    ['PATCH', true, { 'Content-Type': 'Application/Partial-Upload; x=y' }, 'ietf'],
    ['HEAD', true, {}, 'ietf'],
    ['DELETE', true, {}, 'ietf'],
    ['POST', false, form, 'form'],
    ['POST', false, { ...form, 'Upload-Complete': '?1', 'Upload-Draft-Interop-Version': '8' }, 'form'],
    ['POST', false, { ...form, 'Upload-Length': '5' }, 'form'],
    ['POST', false, { 'Content-Type': 'image/png' }, 'raw'],
    ['POST', false, {}, 'raw'],
    ['POST', false, { 'Content-Type': 'image/png', 'Upload-Complete': 'yes' }, 'raw'],
    ['GET', true, {}, 'other'],
    ['GET', false, {}, 'other'],
    ['HEAD', false, {}, 'other'],
    ['DELETE', false, {}, 'other'],
    ['TRACE', false, {}, 'other'],
  ] as const)('%s, upload URL: %j, %j is %s', (method, isUpload, headers, dialect) => {
    expect(dialectOf(head(method, headers), isUpload)).toBe(dialect)
  })

  it.each([
    ['a PATCH without a mark', 'PATCH', {}, wrongVersion],
    ['a tus PATCH without its version', 'PATCH', { 'Content-Type': 'application/offset+octet-stream' }, wrongVersion],
    ['a tus creation without its version', 'POST', { 'Upload-Length': '5' }, wrongVersion],
    ['a deferred one', 'POST', { 'Upload-Defer-Length': '1' }, wrongVersion],
    ['a concatenation', 'POST', { 'Upload-Concat': 'partial' }, wrongVersion],
    ['bytes of tus', 'POST', { 'Content-Type': 'application/offset+octet-stream' }, wrongVersion],
    [
      'a form without files',
      'POST',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      '415 Expected multipart/form-data.',
    ],
  ])('refuses %s', (_what, method, headers, sentence) => {
    expect(refusal(() => dialectOf(head(method, headers), true))).toBe(sentence)
  })

  it('names the version it wants', () => {
    try {
      dialectOf(head('PATCH'), true)
      expect.unreachable()
    } catch (error) {
      expect(isUploadError(error) && error.headers).toEqual({ 'Tus-Version': '1.0.0' })
    }
  })
})
