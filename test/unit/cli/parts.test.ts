import { describe, expect, it } from 'vitest'
import { createAccess, isLocalHostHeader } from '../../../src/cli/access.ts'
import { nameOfDownload } from '../../../src/cli/download.ts'
import { newsLine, printable } from '../../../src/cli/news.ts'
import { dropPage, fileUrl } from '../../../src/cli/page.ts'

const size = (bytes: number) => `${bytes} bytes`

describe('a line of news', () => {
  it('stays one line, whatever a name holds', () => {
    const name = 'a\nb\r\u001b[2J\u0085\u202ec'
    expect(newsLine({ event: 'kept', name, size: 3 }, 'pretty', size)).toBe(
      'kept a\\u000ab\\u000d\\u001b[2J\\u0085\\u202ec (3 bytes)',
    )
    const json = newsLine({ event: 'kept', name, size: 3 }, 'json', size) ?? ''
    expect(json).toBe(printable(json))
    expect(JSON.parse(json)).toEqual({ event: 'kept', name, size: 3 })
  })

  it('is none where all is to be silent', () => {
    expect(newsLine({ event: 'kept', name: 'a', size: 3 }, 'silent', size)).toBeUndefined()
  })

  it('leaves every script and emoji alone', () => {
    expect(printable('Grüße 日本 👩‍👩‍👧 שלום')).toBe('Grüße 日本 👩‍👩‍👧 שלום')
  })
})

describe('the check of the token', () => {
  const { allows, matches, cookie } = createAccess('right')
  const pair = cookie.split(';')[0] as string

  it('takes the token and its cookie, and nothing else', () => {
    expect(matches('right')).toBe(true)
    expect(allows({ headers: { authorization: 'bearer right' } })).toBe(true)
    expect(allows({ headers: { cookie: `a=b; ${pair}` } })).toBe(true)
    for (const wrong of ['', 'righ', 'rightt', 'RIGHT']) expect(matches(wrong), wrong).toBe(false)
    expect(allows({ headers: {} })).toBe(false)
    expect(allows({ headers: { cookie: pair.slice(0, -1) } })).toBe(false)
    expect(allows({ headers: { cookie: `x${pair}` } })).toBe(false)
    expect(allows({ headers: { authorization: 'Bearer wrong', cookie: pair } })).toBe(false)
  })

  it('gives another token another cookie', () => {
    expect(createAccess('other').allows({ headers: { cookie: pair } })).toBe(false)
  })
})

describe('names of this machine', () => {
  it.each(['localhost', 'localhost:8080', 'app.localhost:1', '127.0.0.1:80', '[::1]:8080'])('%s is one', host => {
    expect(isLocalHostHeader(host)).toBe(true)
  })
  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '192.168.1.2', '[::2]'])(
    '%s is none',
    host => expect(isLocalHostHeader(host)).toBe(false),
  )
})

describe('a download', () => {
  it.each(['a b.txt', 'ü?#%.txt', '😀', '100%25.txt'])('finds %s again', name => {
    expect(nameOfDownload(fileUrl(name))).toBe(name)
  })
})

describe('the page', () => {
  it('escapes names and says how many files it leaves out', () => {
    const files = Array.from({ length: 503 }, (_, index) => ({ name: `<i>${index}"&.txt`, size: 1, modified: 0 }))
    const html = dropPage({ dropArea: '', files, formatSize: size })
    expect(html).not.toContain('<i>')
    expect(html.match(/<li>/g)).toHaveLength(500)
    expect(html).toContain('and 3 older files')
    expect(html).toContain('<time datetime="1970-01-01T00:00:00.000Z">1970-01-01 00:00 UTC</time>')
  })

  it('says so when there is nothing', () => {
    expect(dropPage({ dropArea: '', files: [], formatSize: size })).toContain('Nothing here yet.')
  })
})
