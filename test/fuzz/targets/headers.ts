/** Header values: Content-Type, Content-Disposition, structured fields, and what the origin check reads. */
import fc from 'fast-check'
import { decodeUtf8 } from '../../../src/sansio/bytes/utf8.ts'
import { checkOrigin } from '../../../src/sansio/csrf/origin.ts'
import { parseContentDisposition } from '../../../src/sansio/headers/content-disposition.ts'
import {
  formatBytes,
  formatDictionary,
  parseBoolean,
  parseDictionary,
  parseItem,
  parseNonNegativeInteger,
} from '../../../src/sansio/headers/structured.ts'
import { boundaryOf } from '../../../src/sansio/multipart/boundary.ts'
import { dispositionName } from '../../../src/sansio/resumable/ietf/disposition.ts'
import { advisories } from '../../bodies/advisories/index.ts'
import { modelName, modelParameters } from '../models/parameters.ts'
import { must, outcome, Problem, shown, type Target } from '../target.ts'

const parameterPieces = [
  'boundary=',
  'name=',
  'filename=',
  'filename*=',
  "UTF-8''",
  '"',
  '\\"',
  '\\',
  '%22',
  '%0d',
  '%',
  ';',
  '; ',
  '=',
  ' ',
  '\t',
  'a',
  '\xc3\xa4',
  '\0',
]
const textsOf = (...wanted: readonly string[]) =>
  advisories.flatMap(({ inputs = [] }) =>
    inputs.flatMap(input => (input.face !== 'body' && wanted.includes(input.face) ? [input.text] : [])),
  )

/** A value and parameters, well formed or nearly. */
function parameterized(values: readonly string[], names: readonly string[]): fc.Arbitrary<string> {
  const content = fc.array(fc.constantFrom(...parameterPieces), { maxLength: 5 }).map(list => list.join(''))
  const parameter = fc
    .tuple(fc.constantFrom(...names), content, fc.boolean())
    .map(([name, text, quoted]) => `; ${name}=${quoted ? `"${text}"` : text}`)
  return fc
    .tuple(fc.constantFrom(...values), fc.array(parameter, { maxLength: 4 }))
    .map(([value, parameters]) => value + parameters.join(''))
}

/** @param read what is fuzzed */
export function contentTypeTarget(read: typeof boundaryOf = boundaryOf): Target {
  return {
    name: 'content-type',
    weight: 1,
    dictionary: ['multipart/form-data', 'boundary*=', 'boundary*0=', ...parameterPieces],
    seeds: [
      'multipart/form-data; boundary=b',
      'multipart/form-data; boundary="a b"; charset=utf-8',
      ...textsOf('content-type'),
    ],
    structured: parameterized(
      ['multipart/form-data', ' Multipart/Form-Data ', 'multipart/mixed'],
      ['boundary', 'charset', 'BOUNDARY', 'boundary*'],
    ),
    check(input, { timed }) {
      const result = timed(() => outcome(() => read(input)))
      const expected = modelBoundary(input)
      if ((result.refused ?? `=${result.value}`) !== expected) {
        throw new Problem('model', `${shown(result)} instead of ${expected}`)
      }
      return result.refused ?? 'a boundary'
    },
  }
}

/** `=boundary`, or the code of the refusal. */
function modelBoundary(text: string): string {
  if (!/^\s*multipart\/form-data\s*(?:;|$)/i.test(text)) return 'unsupported-media-type'
  const parameters = modelParameters(text)?.parameters
  if (!parameters || [...parameters.keys()].some(name => name.startsWith('boundary*'))) return 'malformed-multipart'
  const boundary = parameters.get('boundary') ?? ''
  if (boundary === '') return 'missing-boundary'
  return /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary)
    ? `=${boundary}`
    : 'malformed-multipart'
}

/** @param read what is fuzzed */
export function dispositionTarget(read: typeof parseContentDisposition = parseContentDisposition): Target {
  return {
    name: 'content-disposition',
    weight: 1,
    dictionary: ['form-data', 'attachment', "filename*=UTF-8''a%20b", ...parameterPieces],
    seeds: [
      'form-data; name="a"; filename="a.txt"',
      `attachment; filename="a"; filename*=UTF-8''%C3%A4`,
      ...textsOf('disposition'),
    ],
    structured: parameterized(['form-data', 'attachment', 'inline', ''], ['name', 'filename', 'filename*', 'x']),
    check(input, { timed }) {
      const result = timed(() => outcome(() => read(input)))
      must(result.refused === undefined, () => `thrown: ${result.refused}`)
      const model = modelParameters(input)
      const expected = model && {
        type: model.value,
        name: nameOf(model.parameters.get('name')),
        filename: nameOf(model.parameters.get('filename')),
      }
      if (shown(result.value) !== shown(expected))
        throw new Problem('model', `${shown(result.value)} instead of ${shown(expected)}`)
      const name = timed(() => outcome(() => dispositionName(input, decodeUtf8)))
      must(name.refused === undefined && name.value !== '', () => shown(name))
      return `${result.value === undefined} ${result.value?.type} ${name.value === undefined}`
    },
  }
}

function nameOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : modelName(text)
}

/** Structured fields (RFC 9651). What is read must be written and read again as the same. */
export function structuredTarget(read = { parseDictionary, parseItem }): Target {
  const bare = fc.constantFrom(
    '1',
    '-1',
    '1.5',
    '?1',
    '?0',
    ':AA==:',
    ':A:',
    '"a\\"b"',
    'tok/en',
    '@1',
    '999999999999999',
    '1e3',
    '',
  )
  const parameters = fc
    .array(fc.constantFrom(';a', ';a=1', '; b="x"', ';', ';A'), { maxLength: 2 })
    .map(list => list.join(''))
  const member = fc
    .tuple(fc.constantFrom('a=', 'sha-256=', 'b', '*=', 'A=', ''), bare, parameters)
    .map(list => list.join(''))
  return {
    name: 'structured-field',
    weight: 1,
    dictionary: ['?1', '?0', ':', ';', ', ', ',', '"', '\\', '=', '-', '.', '@', 'sha-256=', '9'.repeat(15)],
    seeds: ['?1', '0', '42;a=1', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:', 'a=1, b;c="d", e=?0'],
    structured: fc.array(member, { maxLength: 4 }).map(list => list.join(', ')),
    check(input, { timed }) {
      const item = timed(() => outcome(() => read.parseItem(input)))
      const dictionary = timed(() => outcome(() => read.parseDictionary(input)))
      must(item.refused === undefined && dictionary.refused === undefined, () => 'thrown')
      const number = timed(() => parseNonNegativeInteger(input))
      must(number === undefined || new RegExp(`^[ \\t]*-?0*${number}(?![0-9.])`).test(input), () => `read as ${number}`)
      const flag = timed(() => parseBoolean(input))
      must(flag === undefined || /^[ \t]*\?/.test(input), () => `read as ${flag}`)
      const writable = [...(dictionary.value ?? [])].flatMap(([key, { value }]) =>
        value instanceof Uint8Array || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
          ? [[key, value] as const]
          : [],
      )
      const written = formatDictionary(writable)
      const again = [...(read.parseDictionary(written) ?? [])].map(([key, { value }]) => [key, plain(value)])
      must(
        shown(again) === shown(writable.map(([key, value]) => [key, plain(value)])),
        () => `${written} is read as ${shown(again)}`,
      )
      return `${item.value?.type} ${dictionary.value && [...dictionary.value.values()].map(({ type }) => type).slice(0, 3)}`
    },
  }
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? formatBytes(value) : Object.is(value, -0) ? 0 : value
}

/** Method, Sec-Fetch-Site, Origin and Host, one a line; an empty line is a header that is not there. */
export function originTarget(check: typeof checkOrigin = checkOrigin): Target {
  const trusted = ['https://app.example']
  return {
    name: 'origin',
    weight: 1,
    dictionary: [
      'same-origin',
      'cross-site',
      'same-site',
      'none',
      'null',
      'http://',
      'https://',
      ':80',
      'app.example',
      '@',
      '[::1]',
      '.',
    ],
    seeds: [
      'POST\n\nhttp://a.example\na.example',
      'POST\ncross-site\nhttps://app.example\nb.example',
      'GET\ncross-site\n\n',
    ],
    structured: fc
      .tuple(
        fc.constantFrom('POST', 'PATCH', 'GET', 'post', 'OPTIONS'),
        fc.constantFrom('', 'same-origin', 'none', 'cross-site', 'same-site', 'Same-Origin'),
        fc.constantFrom(
          '',
          'null',
          'http://a.example',
          'https://a.example:443',
          'https://app.example',
          'http://a.example.evil',
          'http://a.example@evil',
        ),
        fc.constantFrom('', 'a.example', 'A.EXAMPLE:80', 'b.example'),
      )
      .map(list => list.join('\n')),
    check(input, { timed }) {
      const [method = '', secFetchSite, origin, host] = input.split('\n')
      const facts = { method, secFetchSite: secFetchSite || null, origin: origin || null, host: host || null }
      const result = timed(() => outcome(() => check(facts, trusted)))
      must(result.refused === undefined, () => 'thrown')
      const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(method)
      const sitePasses = facts.secFetchSite === null || ['same-origin', 'none'].includes(facts.secFetchSite)
      const isTrusted = /^https:\/\/app\.example(?::0*443)?$/i.test(facts.origin ?? '')
      if (result.value === undefined && !isSafe && !isTrusted) {
        must(sitePasses, () => `${facts.secFetchSite} may post`)
        // The host must stand in the origin as it is, right behind the scheme.
        const named = (facts.origin ?? '')
          .toLowerCase()
          .split('://')[1]
          ?.replace(/:0*(\d+)$/, ':$1')
        const own = (facts.host ?? '').toLowerCase()
        const bare = (text: string | undefined) => text?.replace(/:(?:80|443)$/, '')
        must(
          facts.secFetchSite !== null || facts.origin === null || bare(named) === bare(own),
          () => `${facts.origin} may post to ${facts.host}`,
        )
      }
      return `${result.value?.code} ${isSafe} ${facts.secFetchSite} ${isTrusted}`.slice(0, 60)
    },
  }
}
