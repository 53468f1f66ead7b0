/** Small values: Dropzone's fields, CSRF tokens, cookies, file names. */
import fc from 'fast-check'
import { createAccess } from '../../../src/cli/access.ts'
import { csrf } from '../../../src/csrf.ts'
import { seal } from '../../../src/sansio/csrf/seal.ts'
import { issueToken, tokenPayload, verifyToken } from '../../../src/sansio/csrf/token.ts'
import { type Chunk, fitsChunk, leastSize, parseChunk } from '../../../src/sansio/dropzone/chunk.ts'
import { cleanFilename, extensionOf, numberedName, splitExtension } from '../../../src/sansio/filename.ts'
import { createSigner } from '../../../src/server/signer.ts'
import { advisories } from '../../bodies/advisories/index.ts'
import { must, outcome, shown, type Target } from '../target.ts'

const fieldNames = [
  'dzuuid',
  'dzchunkindex',
  'dzchunkbyteoffset',
  'dzchunksize',
  'dztotalchunkcount',
  'dztotalfilesize',
] as const
const uuid = '5f8c5d0e-5b5b-4f0b-9f0b-1a2b3c4d5e6f'
const numbers = [
  '0',
  '1',
  '2',
  '4',
  '8',
  '10',
  '-1',
  '1e3',
  'NaN',
  '',
  '01',
  '9007199254740991',
  '1000001',
  ' 1',
  '1.0',
  '0x1',
]

/** The six fields, `name=value`, one a line. */
export function chunkTarget(read: typeof parseChunk = parseChunk): Target {
  const value = (name: string) =>
    name === 'dzuuid' ? fc.constantFrom(uuid, uuid, '../x', '') : fc.constantFrom(...numbers)
  return {
    name: 'dropzone-fields',
    weight: 1,
    dictionary: [...fieldNames.map(name => `\n${name}=`), ...numbers, uuid],
    seeds: [
      `dzuuid=${uuid}\ndzchunkindex=1\ndzchunkbyteoffset=4\ndzchunksize=4\ndztotalchunkcount=3\ndztotalfilesize=10`,
    ],
    structured: fc
      .tuple(
        ...fieldNames.map(name =>
          fc.option(value(name), { freq: 12 }).map(text => (text === null ? '' : `${name}=${text}`)),
        ),
      )
      .map(list => list.filter(line => line !== '').join('\n')),
    check(input, { timed }) {
      const fields = new Map(
        input.split('\n').map(line => [line.split('=', 1)[0] as string, line.slice(line.indexOf('=') + 1)]),
      )
      const result = timed(() => outcome(() => read(fields)))
      if (result.value === undefined) return result.refused ?? 'no chunk'
      checkChunk(result.value, fields)
      return `a chunk ${result.value.index === result.value.count - 1}`
    },
  }
}

function checkChunk(chunk: Chunk, fields: ReadonlyMap<string, string>): void {
  const told = [chunk.uuid, chunk.index, chunk.offset, chunk.chunkSize, chunk.count, chunk.totalSize].map(String)
  const sent = fieldNames.map((name, n) => (n === 0 ? fields.get(name)?.toLowerCase() : fields.get(name)))
  must(shown(told) === shown(sent), () => `${shown(sent)} is read as ${shown(told)}`)
  const { index, count, chunkSize, offset } = chunk
  must(/^[0-9a-f-]{36}$/.test(chunk.uuid), () => chunk.uuid)
  must(index < count && count <= 1_000_000 && offset === index * chunkSize && chunkSize > 0, () => shown(chunk))
  must(Number.isSafeInteger(count * chunkSize) && leastSize(chunk) <= count * chunkSize, () => shown(chunk))
  must(!fitsChunk(chunk, chunkSize + 1), () => 'a chunk of more than its size fits')
}

const signer = createSigner(['secret', 'old'])
const nonce = (n: number) => new Uint8Array(16).fill(n)
const now = 1_700_000_000_000
const tokens = [
  issueToken(signer, 'session', now, nonce(1)),
  issueToken(signer, 'session', now - 1000, nonce(2), new Uint8Array(40).fill(0x61)),
  issueToken(createSigner(['old']), 'session', now, nonce(3)),
]
const foreign = [
  issueToken(signer, 'another', now, nonce(4)),
  issueToken(createSigner(['stolen']), 'session', now, nonce(5)),
  issueToken(signer, 'session', now - 7_200_000, nonce(6)),
  issueToken(signer, 'session', now + 120_000, nonce(7)),
  seal(signer, 'csrf mac', 'session'),
]

/** Tokens: nothing but what was issued for this session, and lately, is ever accepted. */
export function tokenTarget(verify: typeof verifyToken = verifyToken): Target {
  return {
    name: 'csrf-token',
    weight: 1,
    dictionary: ['A', '_', '-', '=', '==', '+', '/', 'AQ', 'AA', ...foreign],
    seeds: [...tokens, ...foreign],
    structured: fc
      .tuple(fc.constantFrom(...tokens, ...foreign), fc.nat(130), fc.constantFrom('', 'A', '_', '=', ' ', '\0'))
      .map(([token, at, letter]) => token.slice(0, at) + letter + token.slice(at + letter.length)),
    check(input, { timed }) {
      const result = timed(() => outcome(() => verify(signer, input, 'session', { now, limit: 3_600_000 })))
      must((result.refused === undefined) === tokens.includes(input), () => `${result.refused ?? 'accepted'}`)
      must(result.refused === undefined || result.refused.startsWith('csrf-'), () => `${result.refused}`)
      const payload = timed(() => outcome(() => tokenPayload(signer, input)))
      must(payload.refused !== undefined || [...tokens, ...foreign].includes(input), () => 'a payload nobody issued')
      return `${result.refused}`
    },
  }
}

const access = createAccess('opensesame')
const proof = access.cookie.split(/[=;]/)[1] as string
const protection = csrf({ secret: 'a secret of sixteen letters', clock: { now: () => now }, log: () => {} })
const ownCookie = (
  protection.issue(requestWith(null)).headers.find(([name]) => name === 'Set-Cookie')?.[1] ?? ''
).split(/[=;]/)[1] as string

function requestWith(cookie: string | null) {
  const get = (name: string) => (name === 'cookie' ? cookie : name === 'host' ? 'localhost' : null)
  return { method: 'GET', url: 'http://localhost/', headers: { get }, body: null }
}

/** Cookie headers: only our own sealed session and only the true proof count. */
export function cookieTarget(allows: typeof access.allows = access.allows): Target {
  const pairs = [
    `dropgate=${ownCookie}`,
    `dropgate_token=${proof}`,
    'dropgate=',
    'dropgate=x',
    'dropgate_token=x',
    'a=b',
    'a',
    '=',
    '__proto__=1',
    `Dropgate=${ownCookie}`,
  ]
  return {
    name: 'cookie',
    weight: 1,
    dictionary: [...pairs, '; ', ';', '=', ' ', '"'],
    seeds: [...pairs, pairs.join('; ')],
    structured: fc.array(fc.constantFrom(...pairs), { maxLength: 4 }).map(list => list.join('; ')),
    check(input, { timed }) {
      const list = input
        .split(';')
        .map(
          pair =>
            [
              pair.split('=', 1)[0]?.trim(),
              pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : undefined,
            ] as const,
        )
      const isAllowed = timed(() => outcome(() => allows({ headers: { cookie: input } })))
      must(isAllowed.refused === undefined, () => 'thrown')
      must(
        isAllowed.value !== true || list.some(([name, value]) => name === 'dropgate_token' && value?.trim() === proof),
        () => 'let in',
      )
      const issued = timed(() => outcome(() => protection.issue(requestWith(input))))
      must(issued.refused === undefined, () => `${issued.refused}`)
      const isKnown = issued.value?.headers.every(([name]) => name !== 'Set-Cookie')
      const first = list.find(([name, value]) => name === 'dropgate' && value !== undefined)?.[1]?.trim()
      must(isKnown === (first === ownCookie), () => `${isKnown ? 'known' : 'unknown'}: ${shown(first)}`)
      return `${isAllowed.value} ${isKnown} ${Math.min(list.length, 5)}`
    },
  }
}

const nameTexts = [
  '../',
  '..\\',
  '/',
  '\\',
  '.',
  '..',
  'CON',
  'nul.txt',
  'COM¹',
  ':',
  '%2e',
  '%2f',
  '%00',
  '%',
  '\u202e',
  '\u200b',
  '．',
  '／',
  'e\u0301',
  '\ud83d',
  '😀',
  '.tar.gz',
  '.jpg',
  ' ',
  '\u00a0',
  'a'.repeat(260),
  'ä'.repeat(130),
  '\u0000',
  '~',
  '_',
]

/** File names: clean, and clean again the same; nothing that any system takes for a path or a device. */
export function nameTarget(clean: typeof cleanFilename = cleanFilename): Target {
  return {
    name: 'file-name',
    weight: 2,
    dictionary: nameTexts,
    seeds: [
      'photo.jpg',
      'C:\\fakepath\\x.txt',
      ...advisories.flatMap(({ inputs = [] }) =>
        inputs.flatMap(input => (input.face === 'file-name' ? [input.text] : [])),
      ),
    ],
    structured: fc.oneof(
      fc.array(fc.constantFrom(...nameTexts), { maxLength: 6 }).map(list => list.join('')),
      fc.array(fc.nat(0xffff), { maxLength: 40 }).map(units => String.fromCharCode(...units)),
    ),
    check(input, { timed }) {
      const result = timed(() => outcome(() => clean(input)))
      if (result.refused !== undefined) {
        must(result.refused === 'name-not-allowed' && /\0|%.*0.*0/s.test(input), () => `refused: ${result.refused}`)
        return result.refused
      }
      const name = result.value
      must(clean(name) === name, () => `${shown(name)} is cleaned to ${shown(clean(name))}`)
      must(name !== '' && Buffer.byteLength(name) <= 255, () => `${Buffer.byteLength(name)} bytes`)
      must(!/\p{Cs}/u.test(name) && !/[/\\\p{Cc}<>:"|?*\u202a-\u202e\u2066-\u2069\u200b]/u.test(name), () =>
        shown(name),
      )
      must(!/^[. ]|[. ]$/.test(name) && !/[/\\]/.test(name.normalize('NFKC')), () => shown(name))
      must(!/^\.|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name.normalize('NFKC')), () => shown(name))
      const { stem, suffix } = splitExtension(name)
      must(stem + suffix === name && (suffix === '' || stem !== ''), () => `${shown(stem)} and ${shown(suffix)}`)
      must(extensionOf(name) === extensionOf(name).toLowerCase(), () => extensionOf(name))
      const second = numberedName(name, 2)
      must(Buffer.byteLength(second) <= 255 && second !== name, () => shown(second))
      return `${name === input} ${extensionOf(name) !== ''} ${Math.min(3, Math.floor(name.length / 80))}`
    },
  }
}
