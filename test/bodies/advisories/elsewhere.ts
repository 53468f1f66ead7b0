/** Holes on the direct, the delivery and the client's side, and what was found by comparing parsers. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, gives, isRefused, onePart, reads, refuses } from './fixture.ts'

const noDirect = 'There are no direct uploads: bytes come through this server, and every byte is counted.'
const noServing = 'Files are not served back here.'
const noImages = 'No image is decoded.'
const noFetching = 'Nothing is fetched from an address that a client sends.'

export const deliveryAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2020-8162'],
    peer: 'Active Storage',
    mechanism: 'the length of a direct upload was not signed',
    decision: 'The limit counts bytes as they come.',
    absent: noDirect,
  },
  {
    ids: ['CVE-2026-33173'],
    peer: 'Active Storage',
    mechanism: 'the client says that its file has been identified',
    decision: 'Metadata of a client is text to show; no decision is read from it.',
    inputs: [
      gives('upload-metadata', 'identified dHJ1ZQ==,analyzed dHJ1ZQ==', [
        ['identified', 'true'],
        ['analyzed', 'true'],
      ]),
    ],
  },
  {
    ids: ['CVE-2018-16477'],
    peer: 'Active Storage',
    mechanism: 'the disposition of a delivery was not signed',
    decision: 'A delivery says attachment unless its type is on a safe list, whatever the URL says.',
    absent: noServing,
  },
  {
    ids: ['CVE-2026-33195', 'CVE-2026-33202'],
    peer: 'Active Storage',
    mechanism: 'a key with ../ or a glob',
    decision: 'Keys are made here, never by a client.',
    inputs: ['../x', '*', '[a-z]*', '{a,b}'].map(text => gives('upload-id', text, false)),
  },
  {
    ids: ['CVE-2026-33174', 'CVE-2026-33658'],
    peer: 'Active Storage',
    mechanism: 'Range: memory for the whole range, and very many ranges',
    decision: 'One range at a time, streamed.',
    absent: noServing,
  },
  {
    ids: ['CVE-2026-66066', 'CVE-2025-24293'],
    peer: 'Active Storage',
    mechanism: 'image decoders that a client may steer',
    decision: noImages,
    absent: noImages,
  },
  {
    ids: ['CVE-2020-15237'],
    peer: 'Shrine',
    mechanism: 'a signature compared in a time that tells where it differs',
    decision: 'Signatures are compared by timingSafeEqual only.',
    elsewhere: [
      ['test/bodies/advisories/advisories.test.ts', 'CVE-2020-15237: signatures are compared in constant time'],
    ],
  },
  {
    ids: ['CVE-2021-21288', 'CVE-2017-0889'],
    peer: 'CarrierWave, Paperclip',
    mechanism: 'a URL of a client is fetched: server-side request forgery',
    decision: noFetching,
    absent: noFetching,
  },
  {
    ids: ['CVE-2025-22150', 'CVE-2025-7783', 'CVE-2026-12143'],
    peer: 'undici, form-data',
    mechanism: 'clients that write a predictable boundary, or a line end into a name',
    decision: 'A boundary is no secret here, and a line end in a header is refused, so a name can not begin a part.',
    inputs: [
      refuses(
        'a name that brings a header of its own',
        onePart(`Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"`),
        'malformed-multipart',
      ),
      refuses(
        'a name that ends the headers',
        onePart(`Content-Disposition: form-data; name="a\r\n\r\nx\r\n--${B}\r\n${field('b')}`),
        'malformed-multipart',
      ),
    ],
  },
]

export const measuredAdvisories: readonly Advisory[] = [
  {
    ids: ['measured: padding after the boundary'],
    peer: 'busboy, @fastify/busboy',
    mechanism: 'spaces after the boundary give an empty form without an error',
    decision: 'Padding is allowed (RFC 2046 section 5.1.1), up to 1 KiB.',
    inputs: [
      reads(
        'padding after each delimiter',
        `--${B}  \r\n${field('a')}\r\n\r\n1\r\n--${B}\t\r\n${field('b')}\r\n\r\n2\r\n--${B}-- \r\n`,
        [
          { name: 'a', content: '1' },
          { name: 'b', content: '2' },
        ],
      ),
    ],
  },
  {
    ids: ['measured: a body line that begins with the delimiter'],
    peer: 'busboy, @fastify/busboy, remix',
    mechanism: 'the content is cut off there, without an error',
    decision: 'What can not be a delimiter is content, byte for byte.',
    inputs: [
      reads('--boundaryEXTRA in a field', form([field('a'), `1\r\n--${B}EXTRA\r\n2`]), [
        { name: 'a', content: `1\r\n--${B}EXTRA\r\n2` },
      ]),
      reads('--boundaryEXTRA in a file', form([file('f', 'a'), `1\r\n--${B}EXTRA\r\n2`]), [
        { name: 'f', filename: 'a', type: 'application/octet-stream', content: `1\r\n--${B}EXTRA\r\n2` },
      ]),
    ],
  },
  {
    ids: ['measured: a file name with a space and without quotes'],
    peer: 'busboy',
    mechanism: 'the part is dropped without an error',
    decision: 'A malformed Content-Disposition is refused.',
    inputs: [refuses('filename=a b.txt', onePart(`${field('f')}; filename=a b.txt`), 'malformed-multipart')],
  },
  {
    ids: ['measured: remix reads names in its own way'],
    peer: 'remix',
    mechanism:
      'backslashes are eaten, NAME= is not known, a preamble or one byte that is no UTF-8 fails the whole form',
    decision: 'As browsers write: backslashes stay, parameter names ignore case, bad UTF-8 becomes U+FFFD.',
    inputs: [
      reads('C:\\fakepath\\x', onePart(`${field('f')}; filename="C:\\fakepath\\x"`), [
        { name: 'f', filename: 'C:\\fakepath\\x', content: 'x' },
      ]),
      gives('file-name', 'C:\\fakepath\\x', 'x'),
      reads('NAME=', onePart('Content-Disposition: form-data; NAME="a"'), [{ name: 'a', content: 'x' }]),
      reads('a preamble', `hello\r\n${form([field('a'), '1'])}`, [{ name: 'a', content: '1' }]),
      reads('a name that is no UTF-8', Buffer.from(onePart(field('a\xff')), 'latin1'), [
        { name: 'a\ufffd', content: 'x' },
      ]),
    ],
  },
  {
    ids: ['measured: a header line without a colon'],
    peer: 'formidable, multiparty',
    mechanism: 'old bytes of the buffer, or NUL, come out as content',
    decision: 'A line without a colon is refused.',
    inputs: [
      refuses('a line without a colon', onePart(`${field('a')}\r\nhello`), 'malformed-multipart'),
      refuses('a line without a colon, first', onePart(`hello\r\n${field('a')}`), 'malformed-multipart'),
    ],
  },
  {
    ids: ['measured: a file without a type'],
    peer: 'formidable',
    mechanism: 'a file part without Content-Type becomes a field; the last group of base64 is lost',
    decision: 'filename makes a file, with or without a type (RFC 7578 section 4.4); base64 is refused.',
    inputs: [
      reads('a file without a type', onePart(`${field('f')}; filename="a"`), [
        { name: 'f', filename: 'a', content: 'x' },
      ]),
      refuses(
        'base64',
        onePart(`${file('f', 'a')}\r\nContent-Transfer-Encoding: base64`, 'eHh4eA=='),
        'transfer-encoding-not-supported',
      ),
    ],
  },
  {
    ids: ['measured: lines that end in LF'],
    peer: 'all six refuse',
    mechanism: 'two readers would see two bodies',
    decision: 'Lines end in CRLF (RFC 2046 section 4.1.1).',
    inputs: [
      refuses('LF only', form([field('a'), '1']).replaceAll('\r\n', '\n'), 'malformed-multipart'),
      refuses('LF in the headers only', `--${B}\r\n${field('a')}\n\n1\r\n--${B}--\r\n`, 'malformed-multipart'),
      isRefused('content-type', 'multipart/form-data; boundary="a\nb"', 'malformed-multipart', 'LF in a boundary'),
    ],
  },
]
