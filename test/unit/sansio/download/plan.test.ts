/** The order of RFC 9110 section 13.2.2, row by row. */
import { describe, expect, it } from 'vitest'
import { planDownload } from '../../../../src/sansio/download/plan.ts'

const modified = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const same = 'Fri, 02 Jan 2026 03:04:05 GMT'
const before = 'Fri, 02 Jan 2026 03:04:04 GMT'
const after = 'Fri, 02 Jan 2026 03:04:06 GMT'
const file = { size: 1000, etag: '"a"', modified }

function plan(headers: Record<string, string>, method = 'GET', of = file as Parameters<typeof planDownload>[1]) {
  const all = new Headers(headers)
  return planDownload({ method, headers: all }, of)
}

const part = { status: 206, range: { start: 0, end: 1 } }

describe('one condition', () => {
  it.each<[Record<string, string>, number]>([
    [{}, 200],
    [{ 'If-Match': '"a"' }, 200],
    [{ 'If-Match': '*' }, 200],
    [{ 'If-Match': '"b"' }, 412],
    [{ 'If-Match': 'W/"a"' }, 412],
    [{ 'If-Unmodified-Since': same }, 200],
    [{ 'If-Unmodified-Since': after }, 200],
    [{ 'If-Unmodified-Since': before }, 412],
    [{ 'If-Unmodified-Since': 'last week' }, 200],
    [{ 'If-None-Match': '"a"' }, 304],
    [{ 'If-None-Match': 'W/"a"' }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': '"b"' }, 200],
    [{ 'If-Modified-Since': same }, 304],
    [{ 'If-Modified-Since': after }, 304],
    [{ 'If-Modified-Since': before }, 200],
    [{ 'If-Modified-Since': 'last week' }, 200],
    [{ Range: 'bytes=0-0' }, 206],
    [{ Range: 'bytes=1000-' }, 416],
    [{ Range: 'bytes=0-0,5-6' }, 200],
  ])('%j gets %d', (headers, status) => {
    expect(plan(headers).status).toBe(status)
    if (status !== 206 && status !== 416) expect(plan(headers, 'HEAD').status).toBe(status)
  })
})

describe('the order', () => {
  it.each<[string, Record<string, string>, number]>([
    ['If-Match beats If-Unmodified-Since', { 'If-Match': '"a"', 'If-Unmodified-Since': before }, 200],
    ['If-None-Match beats If-Modified-Since', { 'If-None-Match': '"b"', 'If-Modified-Since': after }, 200],
    ['a failed If-Match ends it', { 'If-Match': '"b"', 'If-None-Match': '"a"' }, 412],
    ['If-None-Match is asked after If-Match', { 'If-Match': '"a"', 'If-None-Match': '"a"' }, 304],
    ['If-None-Match is asked after If-Unmodified-Since', { 'If-Unmodified-Since': after, 'If-None-Match': '*' }, 304],
    ['304 beats a range', { 'If-None-Match': '"a"', Range: 'bytes=0-0' }, 304],
    ['304 beats a range that is not there', { 'If-None-Match': '"a"', Range: 'bytes=5000-' }, 304],
    ['412 beats a range that is not there', { 'If-Match': '"b"', Range: 'bytes=5000-' }, 412],
    ['a range comes last', { 'If-Match': '"a"', 'If-Modified-Since': before, Range: 'bytes=0-0' }, 206],
  ])('%s', (_, headers, status) => expect(plan(headers).status).toBe(status))
})

describe('If-Range', () => {
  const range = { Range: 'bytes=0-0' }

  it('lets the range through for the same strong tag only', () => {
    expect(plan({ ...range, 'If-Range': '"a"' })).toEqual(part)
    for (const other of ['"b"', 'W/"a"', '', '*', '"a", "b"']) {
      expect(plan({ ...range, 'If-Range': other }), other).toEqual({ status: 200 })
    }
  })

  it('gives the whole file for a date', () => {
    expect(plan({ ...range, 'If-Range': same })).toEqual({ status: 200 })
  })

  it('gives the whole file where the range would not be there either', () => {
    expect(plan({ Range: 'bytes=5000-', 'If-Range': '"b"' })).toEqual({ status: 200 })
  })

  it('counts for nothing without a range', () => {
    expect(plan({ 'If-Range': '"b"' })).toEqual({ status: 200 })
  })
})

it('a range is for GET alone', () => {
  expect(plan({ Range: 'bytes=0-0' }, 'HEAD')).toEqual({ status: 200 })
  expect(plan({ Range: 'bytes=5000-' }, 'HEAD')).toEqual({ status: 200 })
})

it('a file without a tag has dates and ranges', () => {
  const plain = { size: 1000, etag: undefined, modified }
  expect(plan({ 'If-Match': '"a"' }, 'GET', plain)).toEqual({ status: 412 })
  expect(plan({ 'If-Match': '*' }, 'GET', plain)).toEqual({ status: 200 })
  expect(plan({ 'If-None-Match': '"a"' }, 'GET', plain)).toEqual({ status: 200 })
  expect(plan({ 'If-Modified-Since': same }, 'GET', plain)).toEqual({ status: 304 })
  expect(plan({ Range: 'bytes=0-0' }, 'GET', plain)).toEqual(part)
  expect(plan({ Range: 'bytes=0-0', 'If-Range': '"a"' }, 'GET', plain)).toEqual({ status: 200 })
})
