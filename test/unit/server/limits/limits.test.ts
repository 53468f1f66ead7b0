import { expect, test } from 'vitest'
import { OptionError } from '../../../../src/sansio/option-error.ts'
import { defineLimits } from '../../../../src/server/limits/define.ts'
import { Limiter } from '../../../../src/server/limits/limiter.ts'
import { Quotas } from '../../../../src/server/limits/quota.ts'
import { defineRemoteAddress } from '../../../../src/server/limits/remote-address.ts'

const none = Number.POSITIVE_INFINITY

test('so many uploads of a visitor run at once; the next is told when to come again', () => {
  const limiter = new Limiter({ parallel: 2, requestsPerMinute: none }, () => 0)
  const [first] = [limiter.enter('a'), limiter.enter('a')]
  expect(() => limiter.enter('a')).toThrow('Too many uploads. Try again in 2 seconds.')
  limiter.enter('b')
  first?.()
  first?.()
  limiter.enter('a')
  expect(() => limiter.enter('a')).toThrow(expect.objectContaining({ status: 429, headers: { 'Retry-After': '2' } }))
})

test('so many requests of a visitor come in a minute', () => {
  let now = 0
  const limiter = new Limiter({ parallel: none, requestsPerMinute: 6 }, () => now)
  for (let i = 0; i < 6; i++) limiter.enter('a')()
  now = 3_000
  expect(() => limiter.enter('a')).toThrow('Too many uploads. Try again in 7 seconds.')
  now = 9_999
  expect(() => limiter.enter('a')).toThrow('Too many uploads. Try again in 1 second.')
  now = 10_000
  limiter.enter('a')
})

test('a refused request is not counted, nor does it hold a place', () => {
  const limiter = new Limiter({ parallel: 1, requestsPerMinute: 2 }, () => 0)
  const leave = limiter.enter('a')
  for (let i = 0; i < 10; i++) expect(() => limiter.enter('a')).toThrow('2 seconds')
  leave()
  limiter.enter('a')()
  expect(() => limiter.enter('a')).toThrow('30 seconds')
})

test('visitors whose minute is over are forgotten', () => {
  let now = 0
  const limiter = new Limiter({ parallel: none, requestsPerMinute: 60 }, () => now)
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 200_000; i++) {
    now += 10
    limiter.enter(`visitor ${i}`)()
  }
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * 1024 * 1024)
})

test('racing uploads never exceed the quota together', async () => {
  const kept = { bytes: 90 }
  const quotas = new Quotas(100, async () => {
    const told = kept.bytes
    await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
    return told
  })
  const upload = async () => {
    const account = await quotas.open('a')
    try {
      for (let i = 0; i < 3; i++) {
        account.reserve(1)
        await new Promise(resolve => setTimeout(resolve, Math.random() * 5))
      }
      kept.bytes += 3
      account.keep()
      return true
    } catch {
      return false
    } finally {
      account.close()
    }
  }
  const results = await Promise.all(Array.from({ length: 50 }, upload))
  expect(kept.bytes).toBeLessThanOrEqual(100)
  // All of them begin while ten bytes are free: at least one gets its three.
  expect(results.filter(Boolean).length).toBeGreaterThan(0)
  kept.bytes = 97
  expect(await upload()).toBe(true)
  expect(await upload()).toBe(false)
})

test('what was set aside and not kept is free again', async () => {
  const quotas = new Quotas(10, () => 0)
  const [one, two] = [await quotas.open('a'), await quotas.open('a')]
  one.reserve(8)
  expect(() => two.reserve(3)).toThrow('You have used all of your storage.')
  one.close()
  one.close()
  two.reserve(10)
  expect(() => two.reserve(1)).toThrow(expect.objectContaining({ code: 'quota-exceeded', status: 413 }))
  const other = await quotas.open('b')
  other.reserve(10)
})

test('a failing app fails the request and leaves no ledger', async () => {
  let fails = true
  const quotas = new Quotas(10, () => {
    if (fails) throw new Error('the database is away')
    return 4
  })
  await expect(quotas.open('a')).rejects.toThrow('the database is away')
  fails = false
  const account = await quotas.open('a')
  account.reserve(6)
  expect(() => account.reserve(1)).toThrow('You have used all of your storage.')
})

const from = (forwarded: string) => ({ headers: { get: () => forwarded } })

test.each([
  ['nobody is trusted: the header is not read', undefined, '9.9.9.9', '203.0.113.1'],
  ['not one of ours: the header is not read', ['10.0.0.1'], '9.9.9.9', '203.0.113.1'],
  ['one proxy', ['203.0.113.0/24'], '9.9.9.9', '9.9.9.9'],
  ['what the client wrote itself is not believed', ['203.0.113.0/24'], '1.1.1.1, 9.9.9.9', '9.9.9.9'],
  ['two proxies', ['203.0.113.0/24', '10.0.0.0/8'], '9.9.9.9, 10.1.2.3', '9.9.9.9'],
  ['all are ours', ['203.0.113.0/24', '10.0.0.0/8'], '10.9.9.9, 10.1.2.3', '10.9.9.9'],
  ['nonsense ends the search', ['203.0.113.0/24'], '9.9.9.9, <script>', '203.0.113.1'],
  ['ports and brackets', ['203.0.113.0/24'], '[2001:db8::1]:443', '2001:db8::1'],
  ['an empty header', ['203.0.113.0/24'], '', '203.0.113.1'],
])('the address of the client: %s', (_why, proxies, forwarded, expected) => {
  const addressOf = defineRemoteAddress(proxies)
  expect(addressOf(from(forwarded), { remoteAddress: '203.0.113.1' })).toBe(expected)
})

test('IPv4 in IPv6 clothes is the same proxy', () => {
  const addressOf = defineRemoteAddress(['127.0.0.1'])
  expect(addressOf(from('9.9.9.9'), { remoteAddress: '::ffff:127.0.0.1' })).toBe('9.9.9.9')
})

test.each([
  ['limits.parallel', { parallel: 0 }],
  ['limits.requestsPerMinute', { requestsPerMinute: 1.5 }],
  ['limits.by', { by: 'ip' }],
  ['limits.quota.used', { quota: { bytes: '1 GiB' } }],
  ['limits.quota.bytes', { quota: { bytes: 'lots', used: () => 0 } }],
  ['limits.speed', { speed: 1 }],
])('a wrong %s is refused at start-up', (name, options) => {
  expect(() => defineLimits(options as never)).toThrow(OptionError)
  expect(() => defineLimits(options as never)).toThrow(name)
})

test.each([[['localhost']], [['10.0.0.0/33']], [['10.0.0.0/x']], ['10.0.0.1']])('wrong proxies: %j', proxies => {
  expect(() => defineRemoteAddress(proxies as never)).toThrow('trustedProxies')
})
