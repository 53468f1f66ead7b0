import { describe, expect, it } from 'vitest'
import { checkOrigin, defineTrustedOrigins, type OriginFacts } from '../../../../src/sansio/csrf/origin.ts'

const post: OriginFacts = { method: 'POST', secFetchSite: null, origin: null, host: 'a.example' }
const trusted = defineTrustedOrigins(['https://app.example', 'http://localhost:5173'], 'csrf.trustedOrigins')
const check = (facts: Partial<OriginFacts>, origins?: readonly string[]) => checkOrigin({ ...post, ...facts }, origins)

describe('row 58: the origin check lets in', () => {
  it.each<[string, Partial<OriginFacts>]>([
    ['GET from anywhere', { method: 'GET', secFetchSite: 'cross-site', origin: 'https://evil.example' }],
    ['HEAD from anywhere', { method: 'HEAD', secFetchSite: 'cross-site' }],
    ['OPTIONS from anywhere', { method: 'OPTIONS', origin: 'https://evil.example' }],
    ['our own page', { secFetchSite: 'same-origin', origin: 'https://a.example' }],
    ['our own page that sends no referrer', { secFetchSite: 'same-origin', origin: 'null' }],
    ['what the person started', { secFetchSite: 'none' }],
    [
      'our own page behind a proxy that changed Host',
      { secFetchSite: 'same-origin', origin: 'https://a.example', host: 'inner:8080' },
    ],
    ['an old browser on our page', { origin: 'https://a.example' }],
    ['an old browser on our page, port and letters aside', { origin: 'https://a.example', host: 'A.Example:443' }],
    ['a page on a port', { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }],
    ['a page on an IPv6 address', { origin: 'http://[::1]:8080', host: '[::1]:8080' }],
    ['no browser at all', {}],
    ['no browser at all, without Host', { host: null }],
    ['a trusted origin', { secFetchSite: 'cross-site', origin: 'https://app.example' }],
    ['a trusted origin on a port', { secFetchSite: 'same-site', origin: 'http://localhost:5173' }],
    ['a trusted origin of an old browser', { origin: 'https://app.example' }],
  ])('%s', (_who, facts) => {
    expect(check(facts, trusted)).toBeUndefined()
  })
})

describe('row 58: the origin check keeps out', () => {
  it.each<[string, Partial<OriginFacts>]>([
    ['another site', { secFetchSite: 'cross-site', origin: 'https://evil.example' }],
    ['another site that hides its origin', { secFetchSite: 'cross-site', origin: 'null' }],
    ['another port of our host', { secFetchSite: 'same-site', origin: 'https://a.example:8443' }],
    ['a sibling domain', { secFetchSite: 'same-site', origin: 'https://b.example' }],
    ['a word nobody knows', { secFetchSite: 'Same-Origin' }],
    ['an empty word', { secFetchSite: '' }],
    [
      'a lie about the origin that the browser contradicts',
      { secFetchSite: 'cross-site', origin: 'https://a.example' },
    ],
    ['an old browser elsewhere', { origin: 'https://evil.example' }],
    ['an old browser on another port', { origin: 'https://a.example:8443' }],
    ['an old browser in a sandbox', { origin: 'null' }],
    ['an empty origin', { origin: '' }],
    ['an origin without Host', { origin: 'https://a.example', host: null }],
    ['a host that begins like ours', { origin: 'https://a.example.evil.example' }],
    ['a host that ends like ours', { origin: 'https://evila.example' }],
    ['an origin with a user', { origin: 'https://a.example@evil.example' }],
    ['an origin with a path', { origin: 'https://a.example/x' }],
    ['two origins', { origin: 'https://a.example https://evil.example' }],
    ['http on the port of https', { origin: 'http://a.example:443' }],
    ['a trusted host by another scheme', { secFetchSite: 'cross-site', origin: 'http://app.example' }],
    ['a trusted host on another port', { secFetchSite: 'cross-site', origin: 'https://app.example:444' }],
    ['a name under a trusted host', { secFetchSite: 'cross-site', origin: 'https://x.app.example' }],
    ['DELETE', { method: 'DELETE', secFetchSite: 'cross-site' }],
    ['PATCH', { method: 'PATCH', secFetchSite: 'cross-site' }],
    ['a method of its own', { method: 'get', secFetchSite: 'cross-site' }],
  ])('%s', (_who, facts) => {
    const error = check(facts, trusted)
    expect(error?.code).toBe('cross-site')
    expect(error?.status).toBe(403)
    expect(error?.message).toBe('The request came from another site.')
  })
})

describe('trusted origins', () => {
  it('are kept as browsers write them', () => {
    expect(defineTrustedOrigins(undefined, 'x')).toEqual([])
    expect(
      defineTrustedOrigins(
        ['HTTPS://App.Example:443', 'http://b.example:80', 'https://c.example:8443', 'http://[::1]:3000'],
        'x',
      ),
    ).toEqual(['https://app.example', 'http://b.example', 'https://c.example:8443', 'http://[::1]:3000'])
  })

  const allowed = 'it must be an origin, scheme://host or scheme://host:port.'
  it.each<[unknown, string]>([
    ['https://a.example', 'o is "https://a.example"; it must be a list of origins such as ["https://app.example"].'],
    [null, 'o is null; it must be a list of origins such as ["https://app.example"].'],
    [['https://a.example', 'b.example'], `o[1] is "b.example"; ${allowed}`],
    [['https://a.example/'], `o[0] is "https://a.example/"; ${allowed} Did you mean "https://a.example"?`],
    [
      ['https://a.example:443/x?y'],
      `o[0] is "https://a.example:443/x?y"; ${allowed} Did you mean "https://a.example"?`,
    ],
    [['null'], `o[0] is "null"; ${allowed}`],
    [['*'], `o[0] is "*"; ${allowed}`],
    [['https://*.example'], `o[0] is "https://*.example"; ${allowed}`],
    [['https://user@a.example'], `o[0] is "https://user@a.example"; ${allowed}`],
    [['https://'], `o[0] is "https://"; ${allowed}`],
    [[3], `o[0] is 3; ${allowed}`],
  ])('%j is refused in words', (value, sentence) => {
    expect(() => defineTrustedOrigins(value, 'o')).toThrow(sentence)
  })
})
