import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { hasDotSegment, lostHeaders, requestHead } from '../../../../src/adapters/node-bridge/request.ts'

const request = (fields: object) => fields as IncomingMessage
const head = (url: string, rawHeaders: string[] = [], more: object = {}) =>
  requestHead(request({ method: 'POST', url, rawHeaders, headers: { host: 'example.com:8080' }, socket: {}, ...more }))

describe('dot segments', () => {
  test.each([
    '/uploads/../etc',
    '/uploads/..',
    '/./uploads',
    '/uploads/.',
    '/uploads/%2e%2e/etc',
    '/uploads/%2E/x',
    '/uploads/.%2e/x',
    '/uploads/%2e./x',
    '\\..\\uploads',
    '/uploads\\..\\x',
    '/uploads/.\t./x',
    'http://example.com/../x',
    '/uploads/..?a=1',
  ])('%j has one', target => expect(hasDotSegment(target)).toBe(true))

  test.each([
    '/uploads',
    '/uploads/photo.jpg',
    '/uploads/...',
    '/.hidden',
    '/uploads/..a',
    '/uploads?file=/../x',
    '/uploads#/../x',
    '/uploads/%2e%2e%2e',
  ])('%j has none', target => expect(hasDotSegment(target)).toBe(false))
})

describe('the URL', () => {
  test('has scheme and host of the request', () => {
    expect(head('/uploads?a=1').url).toBe('http://example.com:8080/uploads?a=1')
    expect(head('/uploads', [], { socket: { encrypted: true } }).url).toBe('https://example.com:8080/uploads')
  })

  test('keeps a path of two slashes a path', () => {
    expect(new URL(head('//evil.example/uploads').url).pathname).toBe('//evil.example/uploads')
  })

  test('takes the path of an absolute target', () => {
    expect(head('http://other.example/uploads?x').url).toBe('http://example.com:8080/uploads?x')
  })

  test.each(['a b', 'x/../y', 'user@host', 'a.example/uploads?', ''])('does not believe the host %j', host => {
    expect(head('/x', [], { headers: { host } }).url).toBe('http://localhost/x')
  })

  test('of a mounted router is the original one', () => {
    expect(head('/inner', [], { originalUrl: '/outer/inner' }).url).toBe('http://example.com:8080/outer/inner')
  })
})

describe('headers', () => {
  test('are found in any case, and missing ones are null', () => {
    const { headers } = head('/', ['Content-TYPE', 'text/plain'])
    expect(headers.get('content-type')).toBe('text/plain')
    expect(headers.get('Content-Type')).toBe('text/plain')
    expect(headers.get('content-length')).toBeNull()
  })

  test('that repeat are joined as Fetch joins them, also where Node keeps the first only', () => {
    const { headers } = head('/', ['Content-Type', 'a/b', 'Cookie', 'a=1', 'content-type', 'c/d', 'cookie', 'b=2'])
    expect(headers.get('content-type')).toBe('a/b, c/d')
    expect(headers.get('cookie')).toBe('a=1; b=2')
  })

  test('named like members of an object are plain names', () => {
    const { headers } = head('/', ['__proto__', 'x', 'constructor', 'y'])
    expect(headers.get('__proto__')).toBe('x')
    expect(headers.get('constructor')).toBe('y')
    expect(headers.get('hasOwnProperty')).toBeNull()
  })
})

describe('dropped header lines', () => {
  const lines = (count: number, server: object = {}) =>
    lostHeaders(request({ rawHeaders: new Array(2 * count).fill('x'), socket: { server } }))

  test('are suspected from the cap on', () => {
    expect(lines(999)).toBe(false)
    expect(lines(1_000)).toBe(true)
    expect(lines(20, { maxHeadersCount: 20 })).toBe(true)
    expect(lines(19, { maxHeadersCount: 20 })).toBe(false)
  })

  test('cannot be where there is no cap', () => expect(lines(5_000, { maxHeadersCount: 0 })).toBe(false))
})
