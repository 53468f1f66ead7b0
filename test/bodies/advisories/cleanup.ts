/** What stayed behind after an abort or an error. The inputs are actions in time, so other tests send them. */
import { B, field, file, form } from '../fixture.ts'
import { type Advisory, refuses } from './fixture.ts'

const connection = 'test/threats/connection-rows.test.ts'
const vanishes = [connection, 'the client vanishes anywhere in its request, by'] as const
const storing = [connection, 'while its bytes are being stored'] as const
const everyAwait = [connection, "name: 'errors at every await of an upload, 0 to 5 turns late',"] as const
const bodyBreaks = [connection, "name: 'the body breaks while something is awaited',"] as const
const whileFailing = [connection, "name: 'the client vanishes while something fails',"] as const
const oneOwner =
  'One transaction owns every file of a request, and its end waits for all it has begun before it removes.'

export const cleanupAdvisories: readonly Advisory[] = [
  {
    ids: ['CVE-2025-47935', 'GHSA-44fp-w29j-9vj5', 'CVE-2026-2359', 'GHSA-v52c-386h-88mc'],
    peer: 'multer',
    mechanism: 'the connection goes in the middle of a file: streams or the handler never end',
    decision: oneOwner,
    elsewhere: [vanishes, storing],
  },
  {
    ids: ['CVE-2026-3304', 'GHSA-xf7r-hgr6-v32p'],
    peer: 'multer',
    mechanism: 'an asynchronous filter says yes after the body has failed: a file nobody owns',
    decision: oneOwner,
    inputs: [
      refuses(
        'a file, then a file without a name',
        form([file('f', 'a'), '1'], ['Content-Disposition: form-data; filename="b"', '2']),
        'part-without-name',
      ),
    ],
    elsewhere: [everyAwait, bodyBreaks],
  },
  {
    ids: ['CVE-2026-3520', 'GHSA-5528-5vmv-3xc2'],
    peer: 'multer',
    mechanism: 'thousands of files are cleaned up by recursion',
    decision: 'Files are removed in a loop, and there are at most 1,000 parts.',
    elsewhere: [
      ['test/threats/limits-rows.test.ts', "name: '999 stored files, then an error: all of them are removed',"],
    ],
  },
  {
    ids: ['CVE-2026-5038', 'GHSA-3p4h-7m6x-2hcm'],
    peer: 'multer',
    mechanism: 'abort before the file is opened',
    decision: oneOwner,
    elsewhere: [storing, everyAwait],
  },
  {
    ids: ['CVE-2026-77037', 'GHSA-qfvm-cv95-jqjf'],
    peer: 'multer',
    mechanism: 'abort during a write leaves a descriptor open',
    decision: oneOwner,
    elsewhere: [storing, whileFailing],
  },
  {
    ids: ['CVE-2026-88932', 'GHSA-3pph-fpjx-jg34'],
    peer: 'multer',
    mechanism: 'the storage finishes after the cleaning up',
    decision: oneOwner,
    elsewhere: [storing, bodyBreaks],
  },
  {
    ids: ['CVE-2025-24033', 'GHSA-27c6-mcxv-x3fh'],
    peer: '@fastify/multipart',
    mechanism: 'abort during saveRequestFiles leaves the files',
    decision: oneOwner,
    elsewhere: [vanishes],
  },
  {
    ids: ['CVE-2026-19474', 'GHSA-62qx-hpj5-j6hc'],
    peer: '@fastify/multipart',
    mechanism: 'abort between two parts',
    decision: oneOwner,
    inputs: [refuses('the end between two parts', `--${B}\r\n${file('f', 'a')}\r\n\r\n1\r\n--${B}\r\n`, 'ended-early')],
    elsewhere: [vanishes],
  },
  {
    ids: ['CVE-2026-18549', 'GHSA-vmph-573x-85f6'],
    peer: '@fastify/multipart',
    mechanism: 'abort after a limit was met',
    decision: oneOwner,
    elsewhere: [whileFailing],
  },
  {
    ids: ['CVE-2026-77063', 'GHSA-qvfw-j98x-7q72', 'multer#1480'],
    peer: 'multer',
    mechanism: 'an asynchronous filter is slower than the bytes and misses that a limit was met',
    decision: 'The next bytes wait in the socket until the decision about the file has been made.',
    inputs: [
      refuses(
        'the second file where one is allowed',
        form([file('f', 'a'), '1'], [file('f', 'b'), '2'], [field('z'), '']),
        'too-many-files',
        { limits: { maxFiles: 1 } },
      ),
    ],
    elsewhere: [
      everyAwait,
      [
        'test/threats/limits-rows.test.ts',
        "name: 'too big, found in the middle of the file: at the limit the file is kept, beyond it the text names its size',",
      ],
    ],
  },
  {
    ids: ['CVE-2024-56332'],
    peer: 'Next, server actions',
    mechanism: 'a body that is never completed hangs for ever',
    decision: 'A sender below the minimum rate is answered with 408.',
    elsewhere: [
      [connection, "name: 'the client falls silent in the middle of a file: 408, and nothing is left after 250 ms',"],
    ],
  },
  {
    ids: ['CVE-2026-23864', 'CVE-2026-23869', 'CVE-2026-23870'],
    peer: 'React Flight',
    mechanism: 'a crafted multipart reply costs CPU or memory',
    decision: 'Parts are bytes and text; nothing of a body is revived as an object.',
    absent: 'There is no decoder of Flight replies.',
  },
]
