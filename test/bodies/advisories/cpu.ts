/** Inputs that cost their reader more than their sender. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, type AdvisoryInput, gives, isRefused, onePart, reads, refuses, request } from './fixture.ts'

const KiB = 1024
const type = 'application/octet-stream'
const onePass = 'Header values are read in one pass without backtracking, and a block has at most 16 KiB.'

/** A file of this content, which must come out whole. */
function content(title: string, text: string): AdvisoryInput {
  return reads(title, form([file('f', 'a'), text]), [{ name: 'f', filename: 'a', type, content: text }])
}

function boundaryOf(length: number): AdvisoryInput {
  const boundary = 'z'.repeat(length)
  return isRefused(
    'content-type',
    `multipart/form-data; boundary=${boundary}`,
    'malformed-multipart',
    `a boundary of ${length} bytes`,
  )
}

export const cpuAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2026-19484', 'GHSA-xjh9-v7x6-24jw'],
    peer: '@fastify/busboy 3.1 to 3.2.0',
    mechanism: 'a skip table of bytes wraps from 256 to 0 at a boundary of 252 bytes',
    decision: 'A boundary has at most 70 characters (RFC 2046 section 5.1.1).',
    inputs: [
      ...[71, 251, 252, 253, 256].map(boundaryOf),
      ...[69, 70].map(length =>
        reads(
          `a boundary of ${length} bytes`,
          onePart(file('f', 'a'), 'x\r\n--zz', 'z'.repeat(length)),
          [{ name: 'f', filename: 'a', type, content: 'x\r\n--zz' }],
          { boundary: 'z'.repeat(length) },
        ),
      ),
    ],
  },
  {
    ids: ['CVE-2026-8159', 'GHSA-65x3-rw7q-gx94'],
    peer: 'multiparty',
    mechanism: 'a regular expression backtracks over a file name of 8 KB',
    decision: onePass,
    inputs: [
      reads('a file name of 8 KB', onePart(`${field('f')}; filename="${'a;'.repeat(4 * KiB)}"`), [
        { name: 'f', filename: 'a;'.repeat(4 * KiB), content: 'x' },
      ]),
      refuses(
        'a file name of 8 KB without its quote',
        onePart(`${field('f')}; filename="${'a='.repeat(4 * KiB)}`),
        'malformed-multipart',
      ),
    ],
  },
  {
    ids: ['CVE-2022-44571', 'CVE-2022-44572', 'CVE-2025-49007', 'CVE-2023-27539'],
    peer: 'Rack',
    mechanism: 'regular expressions backtrack over disposition and boundary parameters',
    decision: onePass,
    inputs: [
      reads('semicolons', onePart(`${field('a')}${';'.repeat(8 * KiB)}`), [{ name: 'a', content: 'x' }]),
      refuses('quotes', onePart(`${field('a')}; filename=${'"'.repeat(8 * KiB)}`), 'malformed-multipart'),
      reads('spaces', onePart(`${field('a')};${' '.repeat(8 * KiB)}`), [{ name: 'a', content: 'x' }]),
      refuses('parameters without values', onePart(`${field('a')}${'; x'.repeat(4 * KiB)}`), 'malformed-multipart'),
      isRefused('content-type', `multipart/form-data${';'.repeat(8 * KiB)}`, 'missing-boundary', 'semicolons'),
      isRefused(
        'content-type',
        `multipart/form-data; boundary=${'"'.repeat(8 * KiB)}`,
        'malformed-multipart',
        'quotes',
      ),
      isRefused(
        'content-type',
        `multipart/form-data; boundary=${' '.repeat(8 * KiB)}x`,
        'malformed-multipart',
        'spaces',
      ),
    ],
  },
  {
    ids: ['CVE-2026-34827'],
    peer: 'Rack',
    mechanism: 'quadratic unescaping of many names',
    decision: onePass,
    inputs: [
      refuses(
        '4,000 parts with names of backslashes',
        form(...Array.from({ length: 4000 }, () => [field(`${'a\\\\'.repeat(40)}`), ''] as const)),
        'too-many-parts',
      ),
      reads('a name of escaped quotes', onePart(field('\\"'.repeat(100))), [{ name: '"'.repeat(100), content: 'x' }]),
    ],
  },
  {
    ids: ['CVE-2024-24762', 'GHSA-2jv5-9r88-3w3p', 'CVE-2026-28356', 'GHSA-p2m9-wcp5-6qw3', 'CVE-2024-25126'],
    peer: 'python-multipart, defnull/multipart, Rack',
    mechanism: 'regular expressions backtrack over the options of a Content-Type',
    decision: onePass,
    inputs: [
      isRefused(
        'content-type',
        `multipart/form-data; !="${'\\'.repeat(16 * KiB)}`,
        'malformed-multipart',
        '!="\\\\\\…',
      ),
      gives('content-type', `multipart/form-data; !="${'\\'.repeat(16 * KiB)}"; boundary=b`, 'b', '!="\\\\\\…" closed'),
      isRefused('content-type', `multipart/form-data; ${'a=b;'.repeat(4 * KiB)}`, 'malformed-multipart', 'a=b;a=b;…'),
    ],
  },
  {
    ids: ['CVE-2023-46136', 'GHSA-hrfv-mqp8-q5rw'],
    peer: 'Werkzeug',
    mechanism: 'a file that begins with CR or LF: the growing buffer is searched again and again',
    decision: 'Every byte is looked at a bounded number of times, whatever the content.',
    inputs: [
      content('CR, then 256 KiB without any', `\r${'a'.repeat(256 * KiB)}`),
      content('LF, then 256 KiB without any', `\n${'a'.repeat(256 * KiB)}`),
      content('CR and a little', '\raaaa'),
      content('LF and a little', '\naaaa'),
    ],
    elsewhere: [['test/unit/sansio/multipart/rows.test.ts', 'row 19: 8 MiB of %s come out whole and in linear time']],
  },
  {
    ids: ['CVE-2018-16470', 'CVE-2022-30122', 'python-multipart#137', 'python-multipart#281', 'python-multipart#300'],
    peer: 'Rack, python-multipart; measured: formidable takes 19.9 s and multiparty 14.0 s for 8 MiB of CR',
    mechanism: 'content made of what delimiters are made of',
    decision: 'Every byte is looked at a bounded number of times, whatever the content.',
    inputs: [
      content('256 KiB of CR', '\r'.repeat(256 * KiB)),
      content('256 KiB of CRLF', '\r\n'.repeat((256 * KiB) / 2)),
      content('256 KiB of boundary prefixes', `\r\n--${B.slice(0, -1)}`.repeat((256 * KiB) / 11)),
      content('100 CR', '\r'.repeat(100)),
      content('50 CRLF', '\r\n'.repeat(50)),
      content('20 boundary prefixes', `\r\n--${B.slice(0, -1)}`.repeat(20)),
    ],
    elsewhere: [['test/threats/multipart-rows.test.ts', 'row: 19,']],
  },
  {
    ids: ['CVE-2024-53981', 'GHSA-59g5-xgcq-4qw3', 'CVE-2026-40347', 'GHSA-mj87-hwqh-73pj'],
    peer: 'python-multipart',
    mechanism: 'preamble and epilogue are read byte by byte, each with a line in the log',
    decision: 'A preamble has at most 8 KiB; an epilogue is dropped unread and counts to the request.',
    inputs: [
      refuses(
        '256 KiB of CRLF before the first delimiter',
        '\r\n'.repeat((256 * KiB) / 2) + form([field('a'), '1']),
        'malformed-multipart',
      ),
      refuses(
        '256 KiB of CR before the first delimiter',
        '\r'.repeat(256 * KiB) + form([field('a'), '1']),
        'malformed-multipart',
      ),
      reads('256 KiB after the last delimiter', form([field('a'), '1']) + '\r\n--x'.repeat((256 * KiB) / 5), [
        { name: 'a', content: '1' },
      ]),
      reads('ten CRLF before the first delimiter', '\r\n'.repeat(10) + form([field('a'), '1']), [
        { name: 'a', content: '1' },
      ]),
    ],
  },
  {
    ids: ['CVE-2026-53539', 'GHSA-5rvq-cxj2-64vf'],
    peer: 'python-multipart',
    mechanism: 'quadratic time over semicolons in an urlencoded body',
    decision: 'Urlencoded bodies carry no files and are refused unread.',
    inputs: [
      gives(
        'request',
        request('POST', '/uploads', ['Content-Type: application/x-www-form-urlencoded'], ';'.repeat(100 * KiB)),
        '415 Expected multipart/form-data.',
        '100 KiB of semicolons',
      ),
    ],
  },
  {
    ids: ['CVE-2014-0050', 'CVE-2016-3092'],
    peer: 'commons-fileupload',
    mechanism: 'a boundary at least as long as the internal buffer: an endless loop',
    decision: 'A boundary has at most 70 characters (RFC 2046 section 5.1.1).',
    inputs: [4091, 4096, 8192].map(boundaryOf),
  },
  {
    ids: ['CVE-2011-5036'],
    peer: 'Rack',
    mechanism: 'parameter names that collide in a hash table',
    decision: 'At most 1,000 fields; V8 seeds its hashes anew in every process.',
    inputs: [
      refuses(
        '1,001 names',
        form(...Array.from({ length: 1001 }, (_, n) => [field(`n${n}`), ''] as const)),
        'too-many-parts',
      ),
    ],
    elsewhere: [['test/threats/limits-rows.test.ts', 'row: 37,']],
  },
]
