/** Wrong options of the adapters are refused when the app starts, in a sentence. */
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { csrf } from '../../../src/csrf.ts'
import { csrfProtect, expressUploads, receiveFiles, uploadErrors } from '../../../src/express.ts'
import { protectFetch } from '../../../src/fetch.ts'
import { dropgate, OptionError } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { nodeUploads, prepareServer } from '../../../src/node.ts'

const secret = 'a secret of sixteen letters'
const uploads = dropgate({ storage: memoryStorage(), log: () => {} })
const checking = dropgate({ storage: memoryStorage(), log: () => {}, csrf: { secret } })
const protection = csrf({ secret, log: () => {} })
const handle = () => new Response()

/** JavaScript has no types to stop a wrong option: each function as it is called there. */
type Loose = (options: unknown) => unknown
const of = <T>(call: (options: T) => unknown) => call as Loose

function sentence(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    return (error as OptionError).message
  }
  return 'no error'
}

const bridges: ReadonlyArray<readonly [string, string, Loose]> = [
  ['nodeUploads', 'options', of(options => nodeUploads(uploads, options as object))],
  ['receiveFiles', 'options', of(options => receiveFiles(uploads, () => {}, options as object))],
  ['expressUploads', 'options', of(options => expressUploads(uploads, options as object))],
  ['uploadErrors', 'options', of(options => uploadErrors(uploads, options as object))],
  ['csrfProtect', 'csrfProtect', of(options => csrfProtect(protection, options as object))],
]

describe.each(bridges)('%s', (_, prefix, call) => {
  const milliseconds = 'milliseconds from 0 to 2147483647 (24 days)'

  test.each([
    [{ drainBytes: Number.NaN }, 'drainBytes is NaN; it must be a number of bytes from 0 on.'],
    [{ drainBytes: '64 MiB' }, 'drainBytes is "64 MiB"; it must be a number of bytes from 0 on.'],
    [{ minBytesPerSecond: -1 }, 'minBytesPerSecond is -1; it must be a number of bytes from 0 on.'],
    [{ drainMs: -1 }, `drainMs is -1; it must be ${milliseconds}.`],
    [{ lingerMs: Number.POSITIVE_INFINITY }, `lingerMs is Infinity; it must be ${milliseconds}.`],
    [{ rateWindowMs: 0 }, 'rateWindowMs is 0; it must be milliseconds from 1 to 2147483647 (24 days).'],
  ])('refuses %o', (options, expected) => {
    expect(sentence(() => call(options))).toBe(`${prefix}.${expected}`)
  })

  test('refuses a name nobody knows', () => {
    expect(sentence(() => call({ drainByte: 1 }))).toMatch(
      new RegExp(`^${prefix}\\.drainByte is not an option; .* Did you mean drainBytes\\?$`),
    )
  })

  test('takes what is right', () => {
    const right = {
      drainBytes: Number.POSITIVE_INFINITY,
      drainMs: 0,
      lingerMs: 1,
      minBytesPerSecond: 0,
      rateWindowMs: 1,
    }
    expect(sentence(() => call(right))).toBe('no error')
    expect(sentence(() => call({ drainMs: undefined }))).toBe('no error')
    expect(sentence(() => call(undefined))).toBe('no error')
  })
})

const protections: ReadonlyArray<readonly [string, Loose]> = [
  ['csrfProtect', of(options => csrfProtect(protection, options as object))],
  ['protectFetch', of(options => protectFetch(protection, handle, options as object))],
]

describe.each(protections)('%s', (name, call) => {
  const onePath = 'a path, e.g. "/webhook", or "/hooks/*" for all below'

  test('refuses an engine that takes uploads without a token', () => {
    expect(sentence(() => call({ uploads }))).toMatch(/it would take uploads without a token\.$/)
    expect(sentence(() => call({ uploads: checking }))).toBe('no error')
  })

  test.each([
    [{ exempt: '/x' }, 'exempt is "/x"; it must be a list of paths, e.g. ["/webhook", "/hooks/*"].'],
    [{ exempt: ['/good', 'bad'] }, `exempt[1] is "bad"; it must be ${onePath}.`],
    [{ exempt: ['/a/*/b'] }, `exempt[0] is "/a/*/b"; it must be ${onePath}.`],
    [{ exempt: ['/a*'] }, `exempt[0] is "/a*"; it must be ${onePath}.`],
    [{ exempt: ['/a?b'] }, `exempt[0] is "/a?b"; it must be ${onePath}.`],
    [{ uploadRoutes: [/x/] }, `uploadRoutes[0] is an object; it must be ${onePath}.`],
    [{ uploads: {} }, 'uploads is an object; it must be what dropgate() returned.'],
    [{ uploads: null }, 'uploads is null; it must be what dropgate() returned.'],
    [{ onError: 'text' }, 'onError is "text"; it must be a function.'],
  ])('refuses %o', (options, expected) => {
    expect(sentence(() => call(options))).toBe(`${name}.${expected}`)
  })

  test('refuses what is no object and names nobody knows', () => {
    expect(sentence(() => call(() => true))).toMatch(`${name} is a function; it must be an object with some of exempt,`)
    expect(sentence(() => call({ exemt: [] }))).toMatch(/Did you mean exempt\?$/)
  })

  test('takes what is right', () => {
    const right = {
      exempt: ['/', '/a', '/a/', '/a/b/*', '/*'],
      uploads: checking,
      uploadRoutes: ['/own'],
      onError: () => handle(),
    }
    expect(sentence(() => call(right))).toBe('no error')
    expect(sentence(() => call({ exempt: undefined }))).toBe('no error')
  })
})

describe('prepareServer', () => {
  const call = of(options => prepareServer(createServer(), options as object))

  test.each(['headersTimeout', 'keepAliveTimeout', 'lingerMs'])('refuses a wrong %s', name => {
    for (const wrong of [-1, Number.NaN, 2 ** 31, null, '20s']) {
      expect(sentence(() => call({ [name]: wrong }))).toMatch(`prepareServer.${name} is `)
    }
    expect(sentence(() => call({ [name]: 0 }))).toBe('no error')
  })

  test('refuses a name nobody knows, also for a server that is prepared', () => {
    const server = prepareServer(createServer())
    expect(sentence(() => prepareServer(server, { lingerMS: 1 } as object))).toBe(
      'prepareServer.lingerMS is not an option; there are headersTimeout, keepAliveTimeout, lingerMs. Did you mean lingerMs?',
    )
  })
})

describe('csrf', () => {
  const call = of(options => csrf({ secret, ...(options as object) }))

  test.each([
    [{ clock: 5 }, 'csrf.clock is 5; it must be an object with now(), ms since 1970.'],
    [{ clock: () => 5 }, 'csrf.clock is a function; it must be an object with now(), ms since 1970.'],
    [{ log: true }, 'csrf.log is true; it must be a function.'],
  ])('refuses %o', (options, expected) => {
    expect(sentence(() => call(options))).toBe(expected)
  })

  test('refuses to be nothing', () => {
    expect(sentence(() => (csrf as Loose)(undefined))).toMatch(/^csrf\.secret is undefined; it must be set/)
  })
})
