/** Threat rows 65, 66, 68 and 70 to 72: chunks and uploads in pieces whose numbers are not true. */
import { expect } from 'vitest'
import { field, file, form, post } from './forms.ts'
import type { ServerConfig } from './orders.ts'
import { type Case, expectRefusal, type Row, type Run, threatRows } from './support.ts'

const invalidChunk = 'Invalid chunk information.'
const server: ServerConfig = { resumable: true }
const oneMiB: ServerConfig = { resumable: true, policy: { maxFileSize: '1 MiB' } }

/** The fields of the second of three chunks of 20 bytes, as Dropzone sends them. */
const honest: Readonly<Record<string, string>> = {
  dzuuid: '0a1b2c3d-0a1b-4c3d-8e4f-0a1b2c3d4e5f',
  dzchunkindex: '1',
  dztotalfilesize: '50',
  dzchunksize: '20',
  dztotalchunkcount: '3',
  dzchunkbyteoffset: '20',
}
const numbers = Object.keys(honest).filter(name => name !== 'dzuuid')
/** What is no number of bytes, of chunks or of anything, whatever a language may make of it. */
const noNumbers = [
  '',
  ' ',
  '-1',
  '+1',
  '1.0',
  '1.',
  '01',
  '1e3',
  '0x1',
  '1_0',
  '1,0',
  ' 1',
  '1 ',
  '1\t',
  '\u0661',
].concat(['NaN', 'Infinity', 'null', 'true', '[1]', '1;2', '9007199254740993', '9223372036854775807', '1'.repeat(400)])

const tus = ['Tus-Resumable: 1.0.0', 'Content-Length: 0']
const badMetadata = [
  `filename ${'A'.repeat(8_192)}`,
  'filename YQ==,filename Yg==',
  'filename Y',
  'filename YQ==Yg==',
  'filename Y*==',
  'filename  YQ==',
  `filename ${Buffer.from('a\r\nb').toString('base64')}`,
  `filename ${Buffer.from('a\0b').toString('base64')}`,
  `note ${Buffer.from('\u001b[31m').toString('base64')}`,
  `filename ${Buffer.from([0xff, 0xfe]).toString('base64')}`,
  ',',
  'filename YQ==,',
]

const rows: Row[] = [
  {
    row: 65,
    name: 'more than 150 lies about a chunk are refused before anything is stored',
    server,
    cases: () => {
      const lies = [
        ...numbers.flatMap(name => noNumbers.map(value => ({ [name]: value }))),
        ...['3', '4', '1000000', '2147483648'].map(dzchunkindex => ({ dzchunkindex })),
        ...['0', '19', '21', '40', '1099511627776'].map(dzchunkbyteoffset => ({ dzchunkbyteoffset })),
        ...['0', '1', '1000001', '9007199254740991'].map(dztotalchunkcount => ({ dztotalchunkcount })),
        ...['0', '10', '9007199254740991'].map(dzchunksize => ({ dzchunksize })),
        { dzchunkindex: '1024', dzchunkbyteoffset: '20480' },
      ]
      expect(lies.length).toBeGreaterThan(130)
      const missing = Object.keys(honest).map(left => chunkOf(without(left)))
      return [...lies.map(lie => chunkOf({ ...honest, ...lie })), ...missing].map(refused)
    },
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 66,
    name: 'a sparse bomb: one byte far behind the end of what may come, or a length of 8 EiB',
    server: oneMiB,
    run: async run => {
      const far = { dzchunkindex: '1023', dztotalchunkcount: '1024', dzchunksize: '1073741824' }
      const lie = { ...honest, ...far, dzchunkbyteoffset: '1098437885952', dztotalfilesize: '1098437885953' }
      const tooBig = 'File is too big (more than 1 MiB). Max filesize: 1 MiB.'
      expectRefusal(await run.ask(chunkOf(lie, 'x')), 413, tooBig)
      // The first of a thousand chunks would fit: it is refused for those that have to follow.
      const first = {
        ...honest,
        dzchunkindex: '0',
        dzchunkbyteoffset: '0',
        dzchunksize: '65536',
        dztotalchunkcount: '1000',
      }
      expectRefusal(await run.ask(chunkOf(first, 'x'.repeat(65_536))), 413, tooBig)
      for (const [length, status, text] of [
        ['9223372036854775807', 400, 'Invalid Upload-Length.'],
        ['1099511627776', 413, 'File is too big (1 TiB). Max filesize: 1 MiB.'],
      ] as const) {
        expectRefusal(await run.ask(create(`Upload-Length: ${length}`)), status, text)
      }
    },
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 68,
    name: 'a uuid that is a path, or none at all',
    server,
    cases: () =>
      [
        '../x',
        '../../../../etc/passwd',
        '..%2fx',
        '/etc/passwd',
        'a',
        '',
        '.dropgate',
        `${honest.dzuuid}/../x`,
        '0'.repeat(36),
      ]
        .map(dzuuid => chunkOf({ ...honest, dzuuid }))
        .map(refused),
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 70,
    name: 'metadata that is too long, doubled, no base64 or has control bytes in it',
    server,
    cases: () =>
      badMetadata.map(metadata => ({
        send: create('Upload-Length: 3', `Upload-Metadata: ${metadata}`),
        status: 400,
        text: 'Invalid upload metadata.',
      })),
  },
  {
    row: 71,
    name: 'an unfinished partial upload, one of nobody, the same one 10,000 times, and a sum that is too large',
    server: oneMiB,
    run: async run => {
      const [open, whole] = [await begin(run, 3, ''), await begin(run, 600_000, 'x'.repeat(600_000))]
      const ask = (list: string) => run.ask(create(`Upload-Concat: ${list}`, 'Upload-Metadata: filename YQ=='))
      for (const list of [
        `final;${open}`,
        `final;${whole} ${open}`,
        'final;',
        'final;/uploads/..',
        'final;/etc/passwd',
      ]) {
        expectRefusal(await ask(list), 400, 'Invalid Upload-Concat.', list)
      }
      expectRefusal(await ask(`final;/uploads/${'0'.repeat(32)}`), 404, 'Upload not found.')
      const many = await ask(`final;${Array(10_000).fill('/uploads/a').join(' ')}`)
      expect([400, 431]).toContain(many.status)
      const stored = (await run.facts()).stored
      expectRefusal(await ask(`final;${whole} ${whole}`), 413, 'File is too big (1.14 MiB). Max filesize: 1 MiB.')
      expect((await run.facts()).stored).toBe(stored)
      for (const url of [open, whole]) {
        expect((await run.ask(request('DELETE', url))).status).toBe(204)
      }
    },
  },
  {
    row: 72,
    name: 'offsets and lengths that are no numbers, and a length that changes',
    server,
    run: async run => {
      const url = await begin(run, 10, 'abcde')
      const patch = (offset: string, ...lines: readonly string[]) =>
        `${request('PATCH', url, 'Content-Type: application/offset+octet-stream', `Upload-Offset: ${offset}`, ...lines)}`
      for (const value of ['-1', '+5', '5.0', '1e1', '0x5', '05', '9223372036854775808', 'NaN', '', '5 5']) {
        expectRefusal(await run.ask(patch(value)), 400, 'Invalid Upload-Offset.', value)
        expectRefusal(await run.ask(create(`Upload-Length: ${value}`)), 400, 'Invalid Upload-Length.', value)
      }
      expectRefusal(await run.ask(patch('5', 'Upload-Length: 11')), 400, 'The lengths of the upload do not agree.')
      expect((await run.ask(request('HEAD', url))).head).toMatch(/^upload-offset: 5$/im)
      expect((await run.ask(request('DELETE', url))).status).toBe(204)
    },
  },
]

threatRows(rows)

function refused(send: Case['send']): Case {
  return { send, status: 400, text: invalidChunk }
}

function chunkOf(fields: Readonly<Record<string, string>>, content = 'x'.repeat(20)): Buffer {
  const parts = Object.entries(fields).map(([name, value]) => field(name, value))
  return post(form(...parts, file('film.bin', content)))
}

function without(left: string): Record<string, string> {
  return Object.fromEntries(Object.entries(honest).filter(([name]) => name !== left))
}

/** A request of tus without a body. */
function request(method: string, url: string, ...lines: readonly string[]): string {
  return `${[`${method} ${url} HTTP/1.1`, 'Host: localhost', ...tus, ...lines].join('\r\n')}\r\n\r\n`
}

function create(...lines: readonly string[]): string {
  return request('POST', '/uploads', ...lines)
}

/** Begins a partial upload of `length` bytes and sends the first ones; gives its URL. */
async function begin(run: Run, length: number, bytes: string): Promise<string> {
  const lines = ['Upload-Concat: partial', `Upload-Length: ${length}`]
  const { status, head } = await run.ask(create(...lines))
  expect(status).toBe(201)
  const url = /^location: (\S+)$/im.exec(head)?.[1] as string
  if (bytes === '') return url
  const patch = request('PATCH', url, 'Content-Type: application/offset+octet-stream', 'Upload-Offset: 0')
  const sent = patch.replace('Content-Length: 0', `Content-Length: ${bytes.length}`)
  expect((await run.ask(`${sent}${bytes}`)).status).toBe(204)
  return url
}
