/** Heads of tus and of the IETF protocol: a method, whether it goes to an upload, and headers, one a line. */
import fc from 'fast-check'
import { dialectOf } from '../../../src/sansio/resumable/dialect.ts'
import { uploadIdPattern } from '../../../src/sansio/resumable/fields.ts'
import { parseIetf } from '../../../src/sansio/resumable/ietf/parse.ts'
import type { AppendIntent, CreateIntent, RequestHead, ResumableIntent } from '../../../src/sansio/resumable/intent.ts'
import { formatMetadata, parseMetadata } from '../../../src/sansio/resumable/metadata.ts'
import { unsaferMethod } from '../../../src/sansio/resumable/tus/method.ts'
import { parseTus } from '../../../src/sansio/resumable/tus/parse.ts'
import { advisories } from '../../bodies/advisories/index.ts'
import { must, outcome, shown, type Target, type Tools } from '../target.ts'

const id = 'AAAAAAAAAAAAAAAAAAAAAA'
const space = { basePath: '/uploads', origins: ['http://here.example'] }
const capabilities = { concatenation: true, trailers: true }
const numbers = [
  '0',
  '1',
  '10',
  '-1',
  '+5',
  '5.0',
  '1e1',
  '9007199254740991',
  '9223372036854775808',
  '01',
  '',
  ' 1',
  '?1',
  'NaN',
]
const digest = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
const metadata = [
  'filename YS50eHQ=',
  'filetype dGV4dC9wbGFpbg==',
  'a',
  'b ',
  'name Li4vLi4veA==',
  'filename AA==',
  'filename YQ',
  'filename  YQ==',
  'x gICA',
  'ü YQ==',
]
const concat = [
  'partial',
  `final;/uploads/${id}`,
  `final;/uploads/${id} /uploads/${id}`,
  'final;',
  'final;../x',
  `final;http://here.example/uploads/${id}`,
  `final;http://x/uploads/${id}`,
]
const fields: Readonly<Record<string, readonly string[]>> = {
  'Tus-Resumable': ['1.0.0', '1.0.0', '1.0.0', '0.2.2', ''],
  'Upload-Length': numbers,
  'Upload-Offset': numbers,
  'Upload-Defer-Length': ['1', '1', '0', 'true'],
  'Upload-Metadata': [...metadata, metadata.slice(0, 4).join(','), `${metadata[0]},${metadata[0]}`],
  'Upload-Concat': concat,
  'Upload-Checksum': [`sha256 ${digest}`, 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=', 'sha1 AA==', 'md5 AA==', 'sha1'],
  'Content-Type': [
    'application/offset+octet-stream',
    'application/partial-upload',
    'multipart/form-data',
    'text/plain',
    'a/b; c',
  ],
  'Content-Length': numbers,
  'Content-Disposition': [
    'attachment; filename="a.txt"',
    `attachment; filename*=UTF-8''%C3%A4`,
    'attachment; filename="',
  ],
  'Upload-Complete': ['?1', '?0', '1', 'true'],
  'Upload-Draft-Interop-Version': ['6', '8', '9', '3', 'x'],
  'Content-Digest': [`sha-256=:${digest}:`, 'sha-256=:AA==:', 'md5=:AA==:', 'sha-256'],
  'Repr-Digest': [`sha-256=:${digest}:`, 'sha-512=:AA==:'],
  'Want-Repr-Digest': ['sha-256=3, sha-512=10', 'sha-256=11', 'x'],
  'X-HTTP-Method-Override': ['PATCH', 'get', 'DELETE'],
  Trailer: ['upload-checksum', 'x, Upload-Checksum'],
  'Transfer-Encoding': ['chunked'],
}
const methods = ['POST', 'PATCH', 'HEAD', 'GET', 'DELETE', 'OPTIONS', 'PUT', 'post']

const line = fc
  .constantFrom(...Object.keys(fields))
  .chain(name => fc.constantFrom(...(fields[name] as readonly string[])).map(value => `${name}: ${value}`))

/** What each kind of request must have, with a value of any kind in each place. */
const recipes: readonly (readonly [first: string, names: readonly string[]])[] = [
  ['POST', ['Tus-Resumable', 'Upload-Length', 'Upload-Metadata']],
  ['POST', ['Tus-Resumable', 'Upload-Concat']],
  ['PATCH upload', ['Tus-Resumable', 'Upload-Offset', 'Content-Type']],
  ['POST', ['Upload-Complete', 'Upload-Length', 'Content-Length']],
  ['PATCH upload', ['Upload-Complete', 'Upload-Offset', 'Content-Type', 'Content-Length']],
]
const cooked = fc
  .constantFrom(...recipes)
  .chain(([first, names]) =>
    fc
      .tuple(
        ...names.map(name => fc.constantFrom(...(fields[name] as readonly string[])).map(value => `${name}: ${value}`)),
        fc.option(line, { nil: 'X: y' }),
      )
      .map(lines => [first, ...lines].join('\r\n')),
  )

const anyHead = fc
  .tuple(fc.constantFrom(...methods), fc.constantFrom('', ' upload'), fc.array(line, { maxLength: 7 }))
  .map(([method, target, lines]) => [method + target, ...lines].join('\r\n'))

const structured = fc.oneof(anyHead, cooked)

const seeds = [
  `POST\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 10\r\nUpload-Metadata: ${metadata.slice(0, 3).join(',')}`,
  'PATCH upload\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 5\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 5',
  `POST\r\nTus-Resumable: 1.0.0\r\nUpload-Concat: final;/uploads/${id} /uploads/${id}`,
  'POST\r\nUpload-Complete: ?0\r\nUpload-Length: 100\r\nContent-Length: 25\r\nContent-Disposition: attachment; filename="a.txt"',
  `PATCH upload\r\nUpload-Complete: ?1\r\nUpload-Offset: 25\r\nContent-Type: application/partial-upload\r\nContent-Digest: sha-256=:${digest}:`,
]

/** What is fuzzed. */
interface Readers {
  readonly parseTus: typeof parseTus
  readonly parseIetf: typeof parseIetf
}

export function headTarget(dialect: 'ietf' | 'tus', readers: Readers = { parseTus, parseIetf }): Target {
  return {
    name: `${dialect}-head`,
    weight: 2,
    dictionary: [...Object.keys(fields).map(name => `\r\n${name}: `), ...Object.values(fields).flat(), ...methods],
    seeds,
    structured,
    check(input, tools) {
      const { head, isUpload } = headOf(input)
      const route = tools.timed(() => outcome(() => dialectOf(head, isUpload)))
      tools.timed(() => outcome(() => unsaferMethod(head)))
      const target = isUpload ? { id } : {}
      const result = tools.timed(() =>
        outcome<ResumableIntent>(() =>
          dialect === 'tus'
            ? readers.parseTus(head, { ...space, ...target, capabilities })
            : readers.parseIetf(head, target),
        ),
      )
      const intent = result.value
      if (intent?.kind === 'create') checkCreate(intent, head, tools)
      if (intent?.kind === 'append') checkAppend(intent, head)
      return `${route.value ?? route.refused} ${result.refused ?? intent?.kind} ${isUpload}`
    },
  }
}

function headOf(input: string): { head: RequestHead; isUpload: boolean } {
  const [first = '', ...lines] = input.split('\r\n')
  const [method = '', target] = first.split(' ')
  const values = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    // As Node and Fetch join a header that comes twice.
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return {
    head: { method, headers: { get: name => values.get(name.toLowerCase()) ?? null } },
    isUpload: target !== undefined,
  }
}

function checkCreate(intent: CreateIntent, head: RequestHead, { timed }: Tools): void {
  checkContent(intent, head)
  // `''` or one essence: no list, no parameters.
  must(/^$|^[^\s;,]+\/[^\s;,]+$/.test(intent.type), () => `type ${shown(intent.type)}`)
  const told = timed(() => formatMetadata(intent.metadata))
  must(/^[!-~ \x80-\xff]*$/.test(told) || intent.kind !== 'create', () => `HEAD would tell ${shown(told)}`)
  if (intent.concat?.kind === 'final') {
    must(
      intent.concat.parts.length > 0 && intent.concat.parts.every(part => uploadIdPattern.test(part)),
      () => `parts ${shown(intent.concat)}`,
    )
  }
}

function checkAppend(intent: AppendIntent, head: RequestHead): void {
  checkContent(intent, head)
  must(isSize(intent.offset), () => `offset ${intent.offset}`)
  const offset = (head.headers.get('upload-offset') ?? '').split(';', 1)[0]?.trim()
  must(
    new RegExp(`^0*${intent.offset}$|^-0+$`).test(offset ?? ''),
    () => `${shown(offset)} is read as ${intent.offset}`,
  )
}

function checkContent(intent: AppendIntent | CreateIntent, head: RequestHead): void {
  const { bodyLength, length, checksum, reprDigest } = intent
  must(bodyLength === undefined || isSize(bodyLength), () => `body of ${bodyLength}`)
  must(length === undefined || isSize(length), () => `length ${length}`)
  must(
    bodyLength === undefined || String(bodyLength) === head.headers.get('content-length'),
    () => `body of ${bodyLength}`,
  )
  for (const one of [checksum, reprDigest]) {
    const bytes = { sha1: 20, sha256: 32, sha512: 64 }[one?.algorithm ?? 'sha1']
    must(one === undefined || one.digest.length === bytes, () => `digest of ${one?.digest.length} bytes`)
  }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** Upload-Metadata on its own: read, written, read again. */
export function metadataTarget(read: typeof parseMetadata = parseMetadata): Target {
  return {
    name: 'upload-metadata',
    weight: 1,
    dictionary: [...metadata, ',', ' ', '=', 'AA==', '__proto__ YQ==', 'constructor'],
    seeds: [
      metadata.slice(0, 3).join(','),
      ...advisories.flatMap(({ inputs = [] }) =>
        inputs.flatMap(input => (input.face === 'upload-metadata' ? [input.text] : [])),
      ),
    ],
    structured: fc.array(fc.constantFrom(...metadata), { maxLength: 5 }).map(list => list.join(',')),
    check(input, { timed }) {
      const result = timed(() => outcome(() => read(input)))
      if (result.refused !== undefined) return result.refused
      const list = [...result.value]
      must(input.length <= 8192 || input.trim() === '', () => `${input.length} letters`)
      must(list.length <= input.split(',').length, () => 'more keys than pairs')
      for (const [key, value] of list) {
        must(/^[!-+\--~]+$/.test(key), () => `key ${shown(key)}`)
        must(!/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(value), () => `value ${shown(value)}`)
        must(!/^(?:file)?(?:name|type)$/.test(key) || !/[\x00-\x1f\x7f]/.test(value), () => `${key} ${shown(value)}`)
      }
      const keys = input.split(',').map(pair => pair.trim().split(' ')[0])
      must(
        input.trim() === '' || shown(keys) === shown(list.map(([key]) => key)),
        () => `${shown(keys)} became ${shown(list)}`,
      )
      const again = [...read(formatMetadata(result.value))]
      must(shown(again) === shown(list), () => `${shown(list)} is read again as ${shown(again)}`)
      return `${list.length} ${list.some(([, value]) => value === '')}`
    },
  }
}
