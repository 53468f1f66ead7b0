/** Rows 58 to 78: other sites, tokens, uploads in pieces, slow disks, proxies. */
import type { TestRef, Threat } from './table.ts'

const resumable = (row: number): TestRef => ['threats/resumable-rows.test.ts', `row ${row}:`]
const wires = (name: string): TestRef => ['integration/resumable/wires.test.ts', name]
const chunks = (name: string): TestRef => ['integration/engine/chunks.test.ts', name]

export const stateThreats: readonly Threat[] = [
  {
    row: 58,
    threat: 'A page of another site sends a form',
    answer: '403 The request came from another site. No byte of the body is read',
    tests: [
      ['integration/csrf/threats.test.ts', 'row 58: another site'],
      ['browser/csrf-sites.test.ts', 'is answered with 403 and stores nothing'],
      ['browser/csrf-sites.test.ts', 'cannot read a token'],
    ],
    guard: {
      file: 'src/sansio/csrf/origin.ts',
      text: "facts.secFetchSite === 'same-origin' || facts.secFetchSite === 'none' ? undefined : refused()",
      replacement: 'undefined',
    },
  },
  {
    row: 59,
    threat: 'A CSRF token that is missing, foreign, old or broken',
    answer:
      '400 The CSRF token is missing. / has expired. / is invalid. and the other texts of Flask-WTF, before the first file',
    tests: [
      ['integration/csrf/huge.test.ts', 'a bad field'],
      ['integration/csrf/flask-wtf.test.ts', 'protect: POST, PUT, PATCH and DELETE are checked'],
      ['unit/sansio/csrf/token.test.ts', 'any changed letter makes it invalid'],
      ['integration/csrf/flask-wtf.test.ts', 'a token expires after an hour, or never'],
    ],
    guard: {
      file: 'src/sansio/csrf/token.ts',
      text: "if (!signer.equal(mac, bytes.subarray(-macLength))) throw new CsrfError('csrf-token-invalid')",
      replacement: 'void mac',
      test: 2,
    },
  },
  {
    row: 60,
    threat: 'Cookies planted by a neighbour, or before the login',
    answer: '400 The CSRF tokens do not match. Cookies are signed, and `__Host-` over https',
    tests: [
      ['integration/csrf/sessions.test.ts', 'row 60: a sibling subdomain can plant plain names only'],
      ['integration/csrf/sessions.test.ts', 'row 60: who planted the session before the login'],
    ],
    guard: {
      file: 'src/sansio/csrf/token.ts',
      text: "if (!signer.equal(tag, bytes.subarray(tagAt, payloadAt))) throw new CsrfError('csrf-tokens-do-not-match')",
      replacement: 'void tag',
      test: 1,
    },
  },
  {
    row: 61,
    threat: 'A method in disguise, to get past the check',
    answer: 'Checked as the unsafer of both',
    tests: [
      ['integration/csrf/threats.test.ts', 'row 61: a method in disguise'],
      ['integration/resumable/csrf.test.ts', 'row 61: an override does not switch the check off'],
    ],
    guard: {
      file: 'src/server/method-override.ts',
      text: ', ...headers.map(name => request.headers.get(name)?.trim())]',
      replacement: ']',
    },
  },
  {
    row: 62,
    threat: 'CORS that lets in everybody, or whoever asks',
    answer: 'No CORS header unless the origin is listed; never `*`',
    tests: [
      ['integration/resumable/cors.test.ts', 'row 62: cors'],
      ['integration/csrf/threats.test.ts', 'no answer ever has a CORS header, whoever asks'],
    ],
    guard: {
      file: 'src/server/cors.ts',
      text: 'return origin !== null && origins.includes(origin)',
      replacement: 'return origin !== null && origins.length > 0',
    },
  },
  {
    row: 63,
    threat: 'Import by URL reaches into the network of the server',
    answer: 'There is no import by URL: the server opens no connection to an address that a request names',
    tests: [],
    absent: 'does not exist yet',
  },
  {
    row: 64,
    threat: 'Upload ids that are guessed, or belong to somebody else',
    answer:
      '404 Upload not found. The same answer for foreign and unknown ones; ids have 128 random bits and an owner, whom no stranger interrupts',
    tests: [
      wires('are answered like unknown ones, in every dialect and method'),
      ['integration/resumable/three-wires.test.ts', 'finds nothing, and does not interrupt its owner'],
    ],
    // Asked before the lock is, and again with it: without the first a stranger still finds nothing.
    guard: {
      file: 'src/upload/upload-locks.ts',
      text: "if ((known ?? record?.owner) !== owner) throw new UploadError('not-found')",
      replacement: '',
      test: 1,
    },
  },
  {
    row: 65,
    threat: 'Chunks that lie about index, count, size or offset',
    answer: '400 Invalid chunk information. Before anything is stored',
    tests: [resumable(65), ['unit/sansio/dropzone/chunk.test.ts', 'are right for every chunk an honest client cuts']],
    guard: { file: 'src/sansio/dropzone/chunk.ts', text: 'offset === index * chunkSize', replacement: 'offset >= 0' },
  },
  {
    row: 66,
    threat: 'A byte at 1 TiB, or a length of 8 EiB',
    answer:
      '413 File is too big (more than 1 MiB). Max filesize: 1 MiB. / 400 Invalid Upload-Length. Nothing is set aside on the disk',
    tests: [resumable(66), chunks('row 66, trap 12: what cannot fit is refused at the first chunk')],
    guard: {
      file: 'src/upload/chunks.ts',
      text: 'refuse(checkSize(policy, { size: leastSize(chunk), final: false, expected: chunk.totalSize }, messages))',
      replacement: '',
    },
  },
  {
    row: 67,
    threat: 'Chunks twice, out of order, all at once, with other bytes',
    answer: '201 for the same bytes; 409 This chunk was already uploaded with different content.',
    tests: [
      chunks('trap 11: the same chunk with other bytes is refused, and the first ones stay'),
      chunks('row 67, traps 10 and 11: random schedules of up to four writers'),
    ],
    guard: {
      file: 'src/upload/chunks.ts',
      text: 'isWriting ? writingSink(at, record, storage) : comparingSink',
      replacement: 'writingSink',
    },
  },
  {
    row: 68,
    threat: "A `dzuuid` that is a path, or another visitor's",
    answer:
      '400 Invalid chunk information. The key is a hash of owner and uuid, so the same uuid of another is another upload',
    tests: [resumable(68), chunks('row 68, trap 12: the same uuid of another owner is another upload')],
    guard: {
      file: 'src/sansio/dropzone/chunk.ts',
      text: 'if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(uuid)) throw',
      replacement: "if (uuid === '\\0') throw",
    },
  },
  {
    row: 69,
    threat: 'Chunks that never end',
    answer: 'Gone after 24 h without a byte; meanwhile they count to the quota',
    tests: [
      ['unit/upload/expiry.test.ts', 'row 69: chunks that never end go'],
      ['integration/engine/limits.test.ts', 'an upload of unknown length and chunks are counted as they come'],
    ],
    guard: {
      file: 'src/upload/expiry.ts',
      text: "if (this.#isOwn(touched)) return this.#steady() - touched.steady >= span ? 'gone' : 'live'",
      replacement: "if (this.#isOwn(touched)) return 'live'",
    },
  },
  {
    row: 70,
    threat: 'Upload-Metadata that is too long, doubled, no base64, with control bytes',
    answer: '400 Invalid upload metadata. What is told again has no raw byte of it',
    tests: [resumable(70), wires('metadata is told again without a raw byte of it')],
    guard: { file: 'src/sansio/resumable/metadata.ts', text: ' || metadata.has(key)', replacement: '' },
  },
  {
    row: 71,
    threat: 'Concatenation of foreign or unfinished parts, or of one part 10,000 times',
    answer: '404 Upload not found. / 400 Invalid Upload-Concat. / 413, before a byte is copied',
    tests: [resumable(71), wires('row 71: the sum of a concatenation is checked before a byte is copied')],
    guard: {
      file: 'src/upload/resumable.ts',
      text: "if (!part.partial || part.offset !== part.length) throw new UploadError('invalid-concat')",
      replacement: '',
    },
  },
  {
    row: 72,
    threat: 'Offsets and lengths that are no numbers; a length that changes',
    answer: '400 Invalid Upload-Offset. / 400 Invalid Upload-Length. / 400 The lengths of the upload do not agree.',
    tests: [resumable(72), wires('Upload-Offset %j moves nothing')],
    guard: {
      file: 'src/sansio/resumable/fields.ts',
      text: '/^(?:0|[1-9]\\d{0,15})$/.test(field) ? Number(field) : Number.NaN',
      replacement: 'Number(field)',
    },
  },
  {
    row: 73,
    threat: 'Two clients write to one upload',
    answer: 'The newest goes on; the other: 400 The upload was continued from somewhere else. HEAD within 250 ms',
    tests: [wires('the newest wins at once, the old one is told for good, no bytes are mixed')],
    guard: {
      file: 'src/upload/resumable-receive.ts',
      text: 'await contended.before(cut ? cut.before(reading) : reading)',
      replacement: 'void contended\n    await (cut ? cut.before(reading) : reading)',
    },
  },
  {
    row: 74,
    threat: 'A right that is lost between the beginning and the end',
    answer: '403 You are not allowed to upload this file. It is never visible (`authorize` is asked at every request)',
    tests: [wires('is refused at the end, and the file is never visible')],
    guard: {
      file: 'src/server/resumable.ts',
      text: 'const owner = await authorize(request)',
      replacement: "const owner = await (async () => authorize(request))().catch(() => 'a')",
    },
  },
  {
    row: 75,
    threat: 'Quick senders and a slow disk',
    answer: '201; the senders wait, at most 2 MiB are held for each',
    tests: [
      ['threats/waiting-rows.test.ts', 'row 75:'],
      ['integration/adapters/body.test.ts', 'waits for a sink that asks for it, and the sender waits too'],
    ],
    guard: {
      file: 'src/adapters/node-bridge/body.ts',
      text: '      this.#waiting.push(chunk)\n      this.#req.pause()',
      replacement: '      this.#waiting.push(chunk)',
      test: 1,
    },
  },
  {
    row: 76,
    threat: 'S3 fails or throttles midway',
    answer: 'There is no S3 storage in this version',
    tests: [],
    absent: 'does not exist yet',
  },
  {
    row: 77,
    threat: 'The URL of an upload leaks',
    answer: '404 for everybody but its owner; `Cache-Control: no-store`; ids are shortened in logs',
    tests: [
      wires('answers are never cached'),
      wires('are answered like unknown ones, in every dialect and method'),
      ['integration/events/events.test.ts', 'are told no token, no cookie and no whole id'],
      ['guards/lines.test.ts', 'is found out by a token, a cookie, an id or a link'],
    ],
    guard: {
      file: 'src/sansio/resumable/tus/reply.ts',
      text: ", 'Cache-Control': 'no-store' }",
      replacement: ' }',
    },
  },
  {
    row: 78,
    threat: 'Forwarded headers that anybody can send',
    answer: 'Not believed without `trustedProxies`; URLs and the origin check go by `publicUrl`',
    tests: [
      ['integration/resumable/cors.test.ts', 'Location is a path, whatever headers say'],
      ['integration/engine/limits.test.ts', 'without authorize it is the address that counts'],
    ],
    guard: {
      file: 'src/server/limits/remote-address.ts',
      text: 'if (remoteAddress === undefined || !isTrusted(remoteAddress)) return remoteAddress',
      replacement: 'if (remoteAddress === undefined) return remoteAddress',
      test: 1,
    },
  },
]
