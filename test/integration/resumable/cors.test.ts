/** Pages of other origins: only listed ones are told anything. */
import { afterEach, describe, expect, test } from 'vitest'
import type { DropgateOptions } from '../../../src/index.ts'
import { named, type RealServer, realServer } from './real-server.ts'

const app = 'https://app.example'
let server: RealServer | undefined
afterEach(() => server?.close())

async function start(options: Partial<DropgateOptions> = {}): Promise<RealServer> {
  server = await realServer('memory', options)
  return server
}

const preflight = (origin: string, method = 'PATCH') => ({
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': 'tus-resumable',
  },
})

/** What browsers look at. */
const corsOf = (headers: Headers) => [...headers.keys()].filter(name => name.startsWith('access-control-'))

const strangers = [
  'null',
  'https://evil.example',
  'https://app.example.evil.example',
  'https://evilapp.example',
  'https://sub.app.example',
  'http://app.example',
  'https://app.example:8443',
  'https://app.example/',
  '*',
]

describe('row 62: cors', () => {
  test('without the option no origin gets a header', async () => {
    const { send, origin } = await start()
    for (const from of [app, origin]) {
      expect(corsOf((await send('OPTIONS', '/uploads', preflight(from))).headers)).toEqual([])
    }
  })

  test('a listed origin may use every method and header of tus and of the IETF protocol, and tokens', async () => {
    const { send } = await start({ cors: { origins: [app] }, csrf: { secret: 'a secret of sixteen letters' } })
    for (const url of ['/uploads', `/uploads/${'0'.repeat(32)}`]) {
      const { status, headers } = await send('OPTIONS', url, preflight(app))
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(app)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      const methods = headers.get('access-control-allow-methods')?.split(', ')
      expect(methods).toEqual(expect.arrayContaining(['POST', 'HEAD', 'PATCH', 'DELETE']))
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(', ')
      const needed = 'tus-resumable upload-length upload-metadata upload-offset upload-concat upload-defer-length'
      const more = 'upload-complete upload-draft-interop-version content-type x-csrftoken x-requested-with x-request-id'
      expect(allowed).toEqual(expect.arrayContaining(`${needed} ${more}`.split(' ')))
      expect(headers.get('vary')).toMatch(/\bOrigin\b/)
    }
  })

  test.each(strangers)('%s is not listed', async stranger => {
    const { send } = await start({ cors: { origins: [app] } })
    const answers = [
      await send('OPTIONS', '/uploads', preflight(stranger)),
      await send('OPTIONS', '/uploads', { headers: { Origin: stranger } }),
      await send('HEAD', `/uploads/${'0'.repeat(32)}`, { headers: { Origin: stranger } }),
      await send('POST', '/uploads', { headers: { Origin: stranger, 'Tus-Resumable': '1.0.0', 'Upload-Length': 1 } }),
    ]
    for (const { headers } of answers) {
      expect(corsOf(headers)).toEqual([])
      expect(headers.get('vary')).toContain('Origin')
    }
    expect(answers[3]?.status, 'the origin check').toBe(403)
  })

  test('its pages can read what a client needs, of successes and of refusals', async () => {
    const { send, text } = await start({ cors: { origins: [app] } })
    const headers = { Origin: app, 'Sec-Fetch-Site': 'cross-site', 'Tus-Resumable': '1.0.0' }
    const created = await send('POST', '/uploads', { headers: { ...headers, 'Upload-Length': 2, ...named('a.txt') } })
    expect(created.status).toBe(201)
    const url = created.headers.get('location') ?? ''
    const octets = { 'Content-Type': 'application/offset+octet-stream' }
    const wrong = await send('PATCH', url, { headers: { ...headers, ...octets, 'Upload-Offset': 1 }, body: 'b' })
    const right = await send('PATCH', url, { headers: { ...headers, ...octets, 'Upload-Offset': 0 }, body: 'ab' })
    expect([wrong.status, right.status, await text('a.txt')]).toEqual([409, 204, 'ab'])
    for (const answer of [created, wrong, right, await send('GET', '/elsewhere', { headers })]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(app)
      const exposed = answer.headers.get('access-control-expose-headers')?.split(', ')
      expect(exposed).toEqual(
        expect.arrayContaining(['Location', 'Upload-Offset', 'Upload-Length', 'Tus-Version', 'Tus-Resumable']),
      )
      expect(exposed).toEqual(expect.arrayContaining(['Upload-Expires', 'Upload-Limit', 'Retry-After']))
    }
  })

  test.each([
    [{ origins: ['*'] }, 'cors.origins[0]'],
    [{ origins: ['null'] }, 'cors.origins[0]'],
    [{ origins: ['https://app.example/path'] }, 'cors.origins[0]'],
    [{ origins: ['https://*.example'] }, 'cors.origins[0]'],
    [{ origins: [] }, 'cors.origins'],
    [{ origins: app }, 'cors.origins'],
    [{ origin: [app] }, 'cors.origin'],
    [{}, 'cors.origins'],
  ])('%j is refused at start-up', async (cors, option) => {
    await expect(start({ cors: cors as never })).rejects.toThrow(option)
  })
})

describe('row 78: the public URL', () => {
  const lies = { Forwarded: 'host=evil.example;proto=https', 'X-Forwarded-Host': 'evil.example', Host: 'evil.example' }
  const create = async ({ send }: RealServer, headers: Record<string, string> = {}) =>
    await send('POST', '/uploads', {
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': 1, ...named('a'), ...headers },
    })

  test('Location is a path, whatever headers say', async () => {
    expect((await create(await start(), lies)).headers.get('location')).toMatch(/^\/uploads\//)
  })

  test.each([
    [{ publicUrl: 'https://files.example' }],
    [{ csrf: { publicUrl: 'https://files.example' } }],
    [{ publicUrl: 'https://files.example', csrf: false as const }],
  ])('it is absolute exactly when configured: %j', async options => {
    const started = await start(options)
    expect((await create(started, lies)).headers.get('location')).toMatch(/^https:\/\/files\.example\/uploads\//)
    const own = await create(started, { Origin: 'https://files.example' })
    expect(own.status, 'its own pages are trusted').toBe(201)
  })

  test.each(['files.example', 'https://files.example/uploads', '*', 7])('%s is refused at start-up', async value => {
    await expect(start({ publicUrl: value as string })).rejects.toThrow('publicUrl')
  })
})
