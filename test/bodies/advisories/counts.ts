/** Counts, memory and descriptors. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, type AdvisoryInput, gives, reads, refuses, request } from './fixture.ts'

const KiB = 1024
const MiB = 1024 * KiB

const many = (head: string): AdvisoryInput =>
  refuses(`100,000 times ${head.slice(0, 60)}`, `--${B}\r\n${head}\r\n\r\n\r\n`.repeat(100_000), 'too-many-parts')
const tooMany = 'Part number 1,001 ends the body; files have the limit of the policy before that.'
const post = (lines: readonly string[], body?: string) =>
  request('POST', '/uploads', ['Content-Type: multipart/form-data; boundary=boundary', ...lines], body)

export const countAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2023-25576', 'GHSA-hpp2-2cr5-pf6g'],
    peer: 'fastify-multipart',
    mechanism: 'parts without end',
    decision: tooMany,
    inputs: [many(field('a')), many(file('f', 'a'))],
  },
  {
    ids: ['CVE-2023-25577', 'CVE-2023-27530'],
    peer: 'Werkzeug, Rack',
    mechanism: 'empty parts without end',
    decision: tooMany,
    inputs: [many('Content-Disposition: form-data; name=a')],
    elsewhere: [['test/threats/limits-rows.test.ts', "name: '100,000 empty parts, fields or files',"]],
  },
  {
    ids: ['CVE-2023-30798', 'GHSA-74m5-2c7w-9w3x', 'CVE-2023-24998'],
    peer: 'Starlette, commons-fileupload',
    mechanism: 'fields and files without end',
    decision: tooMany,
    inputs: [
      refuses('five fields where four are allowed', form(...parts(5, field('a'))), 'too-many-fields', {
        limits: { maxFields: 4 },
      }),
      refuses('five files where four are allowed', form(...parts(5, file('f', 'a'))), 'too-many-files', {
        limits: { maxFiles: 4 },
      }),
    ],
  },
  {
    ids: ['CVE-2025-61770'],
    peer: 'Rack',
    mechanism: 'a preamble without end is kept',
    decision: 'A preamble has at most 8 KiB.',
    inputs: [
      refuses('1 MiB of preamble', `${'p'.repeat(MiB)}\r\n${form([field('a'), '1'])}`, 'malformed-multipart'),
      refuses('a preamble that never ends', 'p'.repeat(9 * KiB), 'malformed-multipart'),
    ],
    elsewhere: [
      ['test/threats/multipart-rows.test.ts', "name: 'an endless preamble is refused at once and never held',"],
    ],
  },
  {
    ids: ['CVE-2025-61771', 'CVE-2024-47874', 'CVE-2024-49767'],
    peer: 'Rack, Starlette, Werkzeug',
    mechanism: 'one huge field without a file name is kept in memory',
    decision: 'A field has at most 1 MiB.',
    inputs: [
      refuses('a field of 1 MiB and a byte', form([field('a'), 'x'.repeat(MiB + 1)]), 'field-too-long'),
      refuses('a field of 11 bytes where 10 are allowed', form([field('a'), 'x'.repeat(11)]), 'field-too-long', {
        limits: { maxFieldSize: 10 },
      }),
    ],
    elsewhere: [
      ['test/threats/limits-rows.test.ts', "name: 'a field of 1 GiB is refused after its first MiB and never held',"],
    ],
  },
  {
    ids: ['CVE-2025-61772', 'CVE-2026-42561', 'CVE-2025-48976'],
    peer: 'Rack, python-multipart, commons-fileupload',
    mechanism: 'part headers without end',
    decision: 'Part headers have at most 16 KiB and 32 lines.',
    inputs: [
      refuses('a header block without its empty line', `--${B}\r\n${'X-Y: z\r\n'.repeat(33)}`, 'part-header-too-long'),
      refuses('100,000 headers', `--${B}\r\n${'X: y\r\n'.repeat(100_000)}\r\n`, 'part-header-too-long'),
      refuses(
        'one header of 17 KiB',
        form([`${field('a')}\r\nX: ${'y'.repeat(17 * KiB)}`, '']),
        'part-header-too-long',
      ),
    ],
  },
  {
    ids: ['CVE-2025-61919'],
    peer: 'Rack',
    mechanism: 'a huge urlencoded body is kept in memory',
    decision: 'Urlencoded bodies carry no files and are refused unread.',
    inputs: [
      gives(
        'request',
        request('POST', '/uploads', ['Content-Type: application/x-www-form-urlencoded'], `a=${'b'.repeat(MiB)}`),
        '415 Expected multipart/form-data.',
        'an urlencoded body of 1 MiB',
      ),
    ],
  },
  {
    ids: ['CVE-2013-0183', 'CVE-2023-45290'],
    peer: 'Rack, Go textproto',
    mechanism: 'one line without end',
    decision: 'Part headers have at most 16 KiB, a preamble has 8 KiB.',
    inputs: [
      refuses('a header line of 1 MiB', `--${B}\r\nX: ${'y'.repeat(MiB)}`, 'part-header-too-long'),
      refuses('a first line of 1 MiB', '-'.repeat(MiB), 'malformed-multipart'),
    ],
  },
  {
    ids: ['CVE-2017-1000098', 'CVE-2022-41725', 'CVE-2023-24536', 'GO-2023-1705'],
    peer: 'Go mime/multipart',
    mechanism: 'many small files: descriptors and memory are counted too low',
    decision: `${tooMany} One file is open at a time.`,
    inputs: [
      refuses('1,001 files of one byte', form(...parts(1001, file('f', 'a'))), 'too-many-parts'),
      reads(
        'as many as are allowed',
        form(...parts(4, file('f', 'a'))),
        Array.from({ length: 4 }, () => ({
          name: 'f',
          filename: 'a',
          type: 'application/octet-stream',
          content: 'x',
        })),
        { limits: { maxFiles: 4 } },
      ),
    ],
    elsewhere: [
      ['test/threats/limits-rows.test.ts', "name: '999 stored files, then an error: all of them are removed',"],
    ],
  },
  {
    ids: ['CVE-2026-34829'],
    peer: 'Rack',
    mechanism: 'a chunked body without length and without a total limit',
    decision: 'Limits count bytes: the first byte over the limit ends the request, with or without a length.',
    elsewhere: [['test/threats/limits-rows.test.ts', 'row: 24,']],
  },
  {
    ids: ['CVE-2026-53540', 'GHSA-v9pg-7xvm-68hf'],
    peer: 'python-multipart',
    mechanism: 'Content-Length: -1',
    decision: 'Node refuses the request before it reaches us; the connection is closed.',
    inputs: [gives('request', post(['Content-Length: -1'], form([file('f', 'a'), '1'])), '400 ', 'Content-Length: -1')],
  },
  {
    ids: ['CVE-2025-59139', 'GHSA-92vj-g62v-jqhh'],
    peer: 'Hono',
    mechanism: 'a small Content-Length beside Transfer-Encoding: chunked gets round the limit',
    decision: 'Node refuses a request with both (RFC 9112 section 6.3); limits count bytes anyway.',
    inputs: [
      gives(
        'request',
        post(['Content-Length: 4', 'Transfer-Encoding: chunked'], '4\r\nabcd\r\n0\r\n\r\n'),
        '400 ',
        'Content-Length and Transfer-Encoding',
      ),
    ],
  },
  {
    ids: ['CVE-2026-25762', 'GHSA-xx9g-fh25-4q64'],
    peer: 'Adonis',
    mechanism: 'the buffer in which a type is looked for grows with the file',
    decision: 'No more of a file is held than one batch on its way to the storage, whatever its content.',
    elsewhere: [['test/memory/flat.test.ts', 'stays flat: $path']],
  },
  {
    ids: ['CVE-2025-54121'],
    peer: 'Starlette',
    mechanism: 'moving a file from memory to disk blocks the event loop',
    decision:
      'Files are not gathered in memory: bytes go to the storage by asynchronous calls from the first batch on.',
    absent: 'There is no threshold at which a file moves from memory to disk.',
  },
]

function parts(count: number, head: string): (readonly [string, string])[] {
  return Array.from({ length: count }, () => [head, 'x'] as const)
}
