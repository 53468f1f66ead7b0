/** Processes that fell over on a malformed body. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, isRefused, onePart, reads, refuses } from './fixture.ts'

const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
const type = 'application/octet-stream'

export const crashAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2022-24434', 'GHSA-wm7h-9275-46v2'],
    peer: 'dicer, busboy before 1.0',
    mechanism: 'a folded header line that continues no header',
    decision: 'Folded lines are refused wherever they stand (RFC 9112 section 5.2).',
    inputs: [
      refuses('first header line begins with a space', onePart(` ${field('a')}`), 'malformed-multipart'),
      refuses('first header line begins with a tab', onePart(`\t${field('a')}`), 'malformed-multipart'),
      refuses('a header block of one space', onePart(' '), 'malformed-multipart'),
    ],
  },
  {
    ids: ['CVE-2025-47944', 'GHSA-4pg4-qvpc-4q3h'],
    peer: 'multer',
    mechanism: 'the parser reports two errors, and nobody listens to the second',
    decision: 'One error ends a body; a dead parser repeats it and says nothing else.',
    inputs: [
      refuses(
        'headers, an empty line and the close delimiter at once',
        `--${B}\r\n${file('f', 'a')}\r\n\r\n--${B}--\r\n`,
        'malformed-multipart',
      ),
      refuses(
        'a malformed header and an end too early',
        `--${B}\r\nContent-Disposition\r\n\r\n--${B}`,
        'malformed-multipart',
      ),
    ],
  },
  {
    ids: ['CVE-2025-7338', 'GHSA-fjgf-rc76-4x9p', 'multer#1338'],
    peer: 'multer',
    mechanism: 'an empty file name, and a close delimiter one character short',
    decision: 'A body without its whole close delimiter has ended early; nothing of it is kept.',
    inputs: [
      refuses('close delimiter one dash short', `--${B}\r\n${file('f', '')}\r\n\r\n\r\n--${B}-`, 'ended-early'),
      refuses('close delimiter without dashes', `--${B}\r\n${file('f', '')}\r\n\r\n\r\n--${B}`, 'ended-early'),
    ],
  },
  {
    ids: ['CVE-2025-48997', 'GHSA-g5hg-p3ph-g8qg'],
    peer: 'multer',
    mechanism: 'an empty field name',
    decision: 'A part must have a name that is not empty (RFC 7578 section 4.2).',
    inputs: [
      refuses('name=""', onePart('Content-Disposition: form-data; name=""; filename="a"'), 'part-without-name'),
      refuses(
        'name= without quotes',
        onePart('Content-Disposition: form-data; name=; filename="a"'),
        'part-without-name',
      ),
      refuses('no name', onePart('Content-Disposition: form-data; filename="a"'), 'part-without-name'),
    ],
  },
  {
    ids: ['CVE-2026-8162', 'GHSA-xh3c-6gcq-g4rv'],
    peer: 'multiparty; measured: undici rejects with URIError, busboy drops the part',
    mechanism: 'decodeURI throws on a bad escape in filename*',
    decision: 'filename* is not read in forms (RFC 7578 section 4.2); filename counts.',
    inputs: [
      ...["UTF-8''a%ZZ", "UTF-8''%", "UTF-8''%FF%FE", "klingon''a", "''", 'UTF-8'].map(value =>
        reads(`filename*=${value}`, onePart(`${field('f')}; filename="a.txt"; filename*=${value}`), [
          { name: 'f', filename: 'a.txt', content: 'x' },
        ]),
      ),
      reads('filename* alone', onePart(`${field('f')}; filename*=UTF-8''a%ZZ`), [{ name: 'f', content: 'x' }]),
    ],
  },
  {
    ids: ['CVE-2026-8161', 'GHSA-qxch-whhj-8956'],
    peer: 'multiparty',
    mechanism: 'values pushed on to an inherited member of an object',
    decision: 'Names are keys of a Map: those of the prototype are names like any other.',
    inputs: inherited.map(name =>
      reads(`a field named ${name}, twice`, form([field(name), '1'], [field(name), '2']), [
        { name, content: '1' },
        { name, content: '2' },
      ]),
    ),
  },
  {
    ids: ['GHSA-x8mw-p69m-v3mx'],
    peer: '@fastify/busboy before 3.2.1',
    mechanism: 'part headers in a plain object',
    decision: 'Part headers are a Map.',
    inputs: inherited.map(name =>
      reads(`a part header named ${name}`, onePart(`${name}: 1\r\n${field('a')}`), [{ name: 'a', content: 'x' }]),
    ),
  },
  {
    ids: ['CVE-2020-8136', 'CVE-2021-23597', 'GHSA-qh73-qc3p-rjv2'],
    peer: 'fastify-multipart',
    mechanism: 'names of the prototype, as field and as file',
    decision: 'Names are keys of a Map: those of the prototype are names like any other.',
    inputs: ['__proto__', 'toString'].flatMap(name => [
      reads(`${name} as a field`, form([field(name), 'x']), [{ name, content: 'x' }]),
      reads(`${name} as a file`, form([file(name, name), 'x']), [{ name, filename: name, type, content: 'x' }]),
    ]),
  },
  {
    ids: ['CVE-2023-40586'],
    peer: 'coraza',
    mechanism: 'a fatal error on a garbage Content-Disposition or Content-Type',
    decision: 'What can not be taken apart is refused in words.',
    inputs: [
      refuses('garbage parameters', onePart('Content-Disposition: ;;;=;"";='), 'malformed-multipart'),
      refuses('bytes that are no text', onePart('Content-Disposition: \x01\x02\x7f; \xff'), 'malformed-multipart'),
      isRefused('content-type', 'multipart/form-data; boundary==;"', 'malformed-multipart'),
    ],
  },
  {
    ids: ['CVE-2012-6109'],
    peer: 'Rack',
    mechanism: 'an endless loop on an unterminated Content-Disposition',
    decision: 'One pass from left to right: an open quote is refused.',
    inputs: [
      refuses('an open quote', onePart('Content-Disposition: form-data; name="a'), 'malformed-multipart'),
      refuses(
        'an open quote after an escaped one',
        onePart('Content-Disposition: form-data; name="a"; filename="\\'),
        'malformed-multipart',
      ),
      refuses('the body ends in the quote', `--${B}\r\nContent-Disposition: form-data; name="a`, 'ended-early'),
    ],
  },
  {
    ids: ['CVE-2024-30251'],
    peer: 'aiohttp',
    mechanism: 'an endless loop when the body ends inside a part',
    decision: 'The end of the bytes before the close delimiter is an error of its own.',
    inputs: [
      refuses('the end inside the content', `--${B}\r\n${file('f', 'a')}\r\n\r\nabc`, 'ended-early'),
      refuses('the end after the empty line', `--${B}\r\n${file('f', 'a')}\r\n\r\n`, 'ended-early'),
      refuses('the end inside the headers', `--${B}\r\n${file('f', 'a')}\r\n`, 'ended-early'),
    ],
  },
  {
    ids: ['fastify-multipart#595'],
    peer: '@fastify/multipart',
    mechanism: 'the body ends inside a part that is being skipped: an error event without a listener',
    decision: 'Skipped or not, a body that ends early is an error of the one call that reads it.',
    inputs: [
      refuses(
        'the second part is cut off',
        `--${B}\r\n${file('f', 'a')}\r\n\r\n1\r\n--${B}\r\n${file('g', 'b')}\r\n\r\n2`,
        'ended-early',
      ),
    ],
    elsewhere: [['test/threats/connection-rows.test.ts', 'row: 34,']],
  },
  {
    ids: ['@fastify/busboy 3.2.3 to 3.2.6'],
    peer: '@fastify/busboy',
    mechanism:
      'an epilogue in a chunk of its own; the empty line split 1+3, 2+2, 3+1; a delimiter inside a header block',
    decision: 'Every cut gives the same events; a delimiter inside a header block is refused.',
    inputs: [
      reads('an epilogue', `${form([field('a'), '1'])}epilogue\r\n`, [{ name: 'a', content: '1' }]),
      reads('the empty line of a file that begins with CRLF', form([file('f', 'a'), '\r\n\r\n']), [
        { name: 'f', filename: 'a', type, content: '\r\n\r\n' },
      ]),
      refuses(
        'a delimiter inside a header block',
        `--${B}\r\n${field('a')}\r\n--${B}\r\n${field('b')}\r\n\r\nx\r\n--${B}--\r\n`,
        'malformed-multipart',
      ),
    ],
  },
]
