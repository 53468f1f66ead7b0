/** Rows 1 to 38: forms, requests, slow and vanishing senders. */
import type { TestRef, Threat } from './table.ts'

const multipart = (row: number): TestRef => ['threats/multipart-rows.test.ts', `row ${row}:`]
const limits = (row: number): TestRef => ['threats/limits-rows.test.ts', `row ${row}:`]
const connection = (row: number): TestRef => ['threats/connection-rows.test.ts', `row ${row}:`]
const waiting = (row: number): TestRef => ['threats/waiting-rows.test.ts', `row ${row}:`]

const malformed = '400 Malformed multipart data.'
const mp = 'src/sansio/multipart/'

export const parsingThreats: readonly Threat[] = [
  {
    row: 1,
    threat: 'A form without a boundary',
    answer: '400 Missing multipart boundary.',
    tests: [multipart(1)],
    guard: {
      file: `${mp}boundary.ts`,
      text: "if (!boundary) throw new UploadError('missing-boundary')",
      replacement: "if (!boundary) return 'x'",
    },
  },
  {
    row: 2,
    threat: 'Two boundaries, so that a filter and we read two different forms',
    answer: malformed,
    tests: [multipart(2)],
    guard: { file: 'src/sansio/headers/parameters.ts', text: ' || parameters.has(name)', replacement: '' },
  },
  {
    row: 3,
    threat: 'A boundary of more than 70 letters',
    answer: `${malformed} Up to 70 work`,
    tests: [multipart(3)],
    guard: { file: `${mp}boundary.ts`, text: ' || text.length > maxBoundaryLength', replacement: '' },
  },
  {
    row: 4,
    threat: 'The body ends early, at any byte',
    answer: '400 Malformed multipart data: the upload ended early. No file of the request is kept',
    tests: [multipart(4)],
    guard: { file: `${mp}parser.ts`, text: "if (this.#state === 'epilogue') return", replacement: 'return' },
  },
  {
    row: 5,
    threat: 'A file that holds the boundary with other letters behind it',
    answer: '201; every byte is kept',
    tests: [multipart(5)],
    guard: {
      file: `${mp}scanner.ts`,
      text: "else if (byte !== SPACE && byte !== TAB) return 'content'",
      replacement: "else if (byte !== SPACE && byte !== TAB) return 'close'",
    },
  },
  {
    row: 6,
    threat: '100,000 empty parts',
    answer: '413 Too many parts. At part 1,001',
    tests: [limits(6)],
    guard: {
      file: `${mp}parser.ts`,
      text: 'this.#files + this.#fields >= this.#limits.maxParts',
      replacement: 'this.#files < 0',
    },
  },
  {
    row: 7,
    threat: 'More files or fields than the policy allows',
    answer: '413 You can not upload any more files. / 413 Too many fields.',
    tests: [limits(7)],
    guard: { file: `${mp}parser.ts`, text: '++this.#fields > limits.maxFields', replacement: '++this.#fields < 0' },
  },
  {
    row: 8,
    threat: 'A field name of more than 200 bytes, a field of 1 GiB',
    answer: '413 A field is too long. Many that are too long together: 413 Too many fields.',
    tests: [limits(8)],
    guard: {
      file: `${mp}parser.ts`,
      text: 'isFilePart(part) ? Number.POSITIVE_INFINITY : limits.maxFieldSize',
      replacement: 'Number.POSITIVE_INFINITY',
    },
  },
  {
    row: 9,
    threat: 'Part headers without end',
    answer: '400 Malformed multipart data: a part header is too long. From 16 KiB or 32 lines on',
    tests: [multipart(9)],
    guard: {
      file: `${mp}head-reader.ts`,
      text: "if (++this.#lines > this.#limits.maxHeaders) throw new UploadError('part-header-too-long')",
      replacement: '',
    },
  },
  {
    row: 10,
    threat: 'A preamble or an epilogue without end',
    answer: `${malformed} After 8 KiB of preamble; an epilogue is dropped and counts to the request`,
    tests: [multipart(10)],
    guard: {
      file: `${mp}parser.ts`,
      text: "if (this.#preamble > this.#limits.maxPreamble) throw new UploadError('malformed-multipart')",
      replacement: '',
    },
  },
  {
    row: 11,
    threat: 'Header lines on which a regular expression takes for ever',
    answer: `201 or ${malformed} 16 KiB cost at most 5 ms`,
    tests: [multipart(11)],
    guard: {
      file: `${mp}usual-head.ts`,
      text: '/^[a-z\\d.+-]+\\/',
      replacement: '/^[a-z\\d.+-]*?[a-z\\d.+-]+\\/',
    },
  },
  {
    row: 12,
    threat: '`filename*` that is broken, or names another file',
    answer: '201; `filename` is used, `filename*` is ignored',
    tests: [multipart(12)],
    guard: {
      file: 'src/sansio/headers/content-disposition.ts',
      text: "const filename = parsed.parameters.get('filename')",
      replacement: "const filename = parsed.parameters.get('filename*') ?? parsed.parameters.get('filename')",
    },
  },
  {
    row: 13,
    threat: 'A part without a name',
    answer: '400 Malformed multipart data: a part has no name.',
    tests: [multipart(13)],
    guard: {
      file: `${mp}part-head.ts`,
      text: "if (!disposition.name) throw new UploadError('part-without-name')",
      replacement: '',
    },
  },
  {
    row: 14,
    threat: 'Fields and headers called `__proto__`, `constructor` and the like',
    answer: '201; names like any other, and nothing on `Object.prototype`',
    tests: [multipart(14)],
    guard: {
      file: 'src/upload/parts.ts',
      text: 'this.#more ??= new Map()',
      replacement:
        'const o: Record<string, string[]> = {}\n    this.#more ??= { get: (n: string) => o[n], set: (n: string, v: string[]) => { o[n] = v } } as never',
    },
  },
  {
    row: 15,
    threat: 'Bare CR or LF, NUL or folded lines in part headers; bodies with LF alone',
    answer: malformed,
    tests: [multipart(15)],
    guard: {
      file: `${mp}head-reader.ts`,
      text: 'else if (byte === LF || byte === NUL) throw',
      replacement: 'else if (byte < 0) throw',
    },
  },
  {
    row: 16,
    threat: 'Content-Disposition, name or filename given twice',
    answer: malformed,
    tests: [multipart(16)],
    guard: { file: `${mp}part-head.ts`, text: ' || headers.has(name)', replacement: '' },
  },
  {
    row: 17,
    threat: 'Names that browsers escape, in UTF-8',
    answer: '201; exactly the three escapes of browsers are undone',
    tests: [multipart(17), ['clients/same-bytes.test.ts', '-F sends several files and fields']],
    guard: {
      file: 'src/sansio/headers/content-disposition.ts',
      text: "if (!text.includes('%')) return text",
      replacement: 'return text',
    },
  },
  {
    row: 18,
    threat: '`Content-Transfer-Encoding: base64` in a part',
    answer: '400 Content-Transfer-Encoding is not supported.',
    tests: [multipart(18)],
    guard: {
      file: `${mp}part-head.ts`,
      text: 'if (encoding !== undefined && !isIdentityEncoding(encoding)) throw',
      replacement: "if (encoding === 'x' && !isIdentityEncoding(encoding)) throw",
    },
  },
  {
    row: 19,
    threat: '8 MiB of CR, or of beginnings of the boundary',
    answer: '201; at 100 MB/s and more',
    tests: [multipart(19)],
    // Each false delimiter would cost a call of the native search.
    guard: {
      file: `${mp}needle-search.ts`,
      text: 'if (isFar && !suspicious) return',
      replacement: 'if (from >= 0) return',
    },
  },
  {
    row: 20,
    threat: '50,000 files and an error at the last',
    answer: `413 Too many parts. / ${malformed} All that was stored is removed`,
    tests: [limits(20)],
    guard: {
      file: 'src/upload/transaction.ts',
      text: 'for (const { writer } of this.#uploads) await this.#remove(writer)',
      replacement: '',
    },
  },
  {
    row: 21,
    threat: 'Another content type than a form',
    answer: '415 Expected multipart/form-data. The body is not stored',
    tests: [multipart(21)],
    guard: {
      file: `${mp}boundary.ts`,
      text: "if (type !== 'multipart/form-data') throw new UploadError('unsupported-media-type')",
      replacement: "if (type === '') throw new UploadError('unsupported-media-type')",
    },
  },
  {
    row: 22,
    threat: 'Request smuggling: two lengths, odd chunks',
    answer: "Node's parser refuses it; the sentence is ours: 400 Malformed request.",
    tests: [['integration/adapters/prepare-server.test.ts', 'row 22: Content-Length and Transfer-Encoding']],
    guard: {
      file: 'src/adapters/node-bridge/prepare-server.ts',
      text: 'socket.end(rawAnswer(error.code))',
      replacement: 'socket.end()',
    },
  },
  {
    row: 23,
    threat: 'So many header lines that Node drops later ones, the length among them',
    answer: '431 Too many headers. Where Node notices first: 431 The headers are too long.',
    tests: [waiting(23), ['integration/adapters/prepare-server.test.ts', 'row 23: where Node drops header lines']],
    // The guard where Node itself refuses, as newer versions do, but without a word.
    guard: {
      file: 'src/adapters/node-bridge/prepare-server.ts',
      text: "status: '431 Request Header Fields Too Large', text: 'The headers are too long.'",
      replacement: "status: '400 Bad Request', text: 'Malformed request.'",
    },
  },
  {
    row: 24,
    threat: 'A chunked body without a length, or without an end',
    answer: '413 File is too big (more than 1 MiB). Max filesize: 1 MiB. At the limit and one byte',
    tests: [limits(24)],
    guard: {
      file: 'src/sansio/policy/check.ts',
      text: 'if (file.size <= policy.maxFileSize) return undefined',
      replacement: 'if (file.size >= 0) return undefined',
    },
  },
  {
    row: 25,
    threat: 'Too big, by Content-Length',
    answer: '413 File is too big (12 MiB). Max filesize: 10 MiB. Nothing is stored, and browsers show the sentence',
    tests: [limits(25), ['browser/e2e-firefox.test.ts', 'trap 4: a 413 by the announced length alone']],
    guard: {
      file: 'src/sansio/policy/check.ts',
      text: 'if (file.size <= policy.maxFileSize) return undefined',
      replacement: 'if (file.size >= 0) return undefined',
    },
  },
  {
    row: 26,
    threat: 'Too big, found in the middle of a file',
    answer: 'The same sentence, also for a client that reads only after it has written',
    tests: [limits(26)],
    guard: {
      file: 'src/sansio/policy/check.ts',
      text: 'if (file.size <= policy.maxFileSize) return undefined',
      replacement: 'if (file.size >= 0) return undefined',
    },
  },
  {
    row: 27,
    threat: 'A client that ignores the 413 and sends for ever',
    answer: 'The connection is closed after 64 MiB or 30 s',
    tests: [connection(27)],
    guard: {
      file: 'src/adapters/node-bridge/linger.ts',
      text: 'if (this.#thrownAway <= this.#limits.drainBytes) return',
      replacement: 'if (this.#thrownAway >= 0) return',
    },
  },
  {
    row: 28,
    threat: '`Expect: 100-continue` with a request that is refused',
    answer: 'The refusal itself, no 100, and no byte of the body is read',
    tests: [connection(28)],
    guard: {
      file: 'src/adapters/node-bridge/prepare-server.ts',
      text: '    continueOnRead(req, res)\n    server.emit',
      replacement: '    res.writeContinue()\n    server.emit',
    },
  },
  {
    row: 29,
    threat: 'No file, or an empty one where that is forbidden',
    answer: '400 No file was uploaded. / 400 The file is empty.',
    tests: [limits(29)],
    guard: {
      file: 'src/sansio/policy/check.ts',
      text: 'file.size === 0 && !policy.emptyFiles',
      replacement: 'file.size < 0 && !policy.emptyFiles',
    },
  },
  {
    row: 30,
    threat: 'A head that never comes to its end',
    answer: '408 The request was too slow. After 20 s, with `prepareServer`',
    tests: [['integration/adapters/prepare-server.test.ts', 'row 30: a head that does not come to its end gets 408']],
    guard: {
      file: 'src/adapters/node-bridge/prepare-server.ts',
      text: 'server.headersTimeout = headersTimeout',
      replacement: '',
    },
  },
  {
    row: 31,
    threat: 'A body of a byte every ten seconds',
    answer:
      '408 The upload was too slow. Below 1 KiB/s over 30 s; until then one descriptor, and at most 16 KiB on Node 20',
    tests: [
      ['integration/adapters/slow-forms.test.ts', 'row 31: a dripping form gets 408'],
      ['soak/crowd.test.ts', 'row 31: 400 slow senders are sent away in words'],
      ['soak/held.test.ts', 'row 31: a sender that stops after its first KiB takes one descriptor and little memory'],
    ],
    guard: {
      file: 'src/adapters/node-bridge/minimum-rate.ts',
      text: 'if (this.#bytes < (this.#limits.minBytesPerSecond * reading) / 1000) this.#watched.tooSlow()',
      replacement: 'if (this.#bytes < 0) this.#watched.tooSlow()',
    },
  },
  {
    row: 32,
    threat: "Node's own limit for a request cuts an honest, slow upload",
    answer: '201; `prepareServer` lifts it, and row 31 stands in its place',
    tests: [waiting(32), ['integration/adapters/prepare-server.test.ts', 'settings: its own timeouts, once']],
    guard: {
      file: 'src/adapters/node-bridge/prepare-server.ts',
      text: 'server.requestTimeout = 0',
      replacement: '',
    },
  },
  {
    row: 33,
    threat: 'The client vanishes in the middle of a file',
    answer: 'Nothing is left after 250 ms; what was sent in pieces stays as far as it came',
    tests: [connection(33), ['integration/adapters/plain-node.test.ts', 'row 33: a client that vanishes mid-file']],
    guard: {
      file: 'src/adapters/node-bridge/body.ts',
      text: 'if (!this.#busy) this.#finish(this.#failure)',
      replacement: '',
    },
  },
  {
    row: 34,
    threat: 'An error at a moment at which nobody listens',
    answer: 'The status of that error, after any await of an upload; the process lives on',
    tests: [connection(34)],
    guard: {
      file: 'src/upload/writer.ts',
      text: '        this.#failure ??= { error }\n      },',
      replacement: '        throw error\n      },',
    },
  },
  {
    row: 35,
    threat: 'Uploads that race for the rest of a quota',
    answer: '413 You have used all of your storage. The sum never exceeds it (`limits.quota`)',
    tests: [['integration/engine/limits.test.ts', '50 parallel uploads at the edge: the sum never exceeds it']],
    guard: {
      file: 'src/server/limits/quota.ts',
      text: 'ledger.used + ledger.reserved + bytes > this.#bytes',
      replacement: 'ledger.used + bytes > this.#bytes',
    },
  },
  {
    row: 36,
    threat: 'Too many uploads at once, or too many requests a minute',
    answer:
      '429 Too many uploads. Try again in 7 seconds. With Retry-After (`limits.parallel`, `limits.requestsPerMinute`)',
    tests: [
      ['integration/engine/limits.test.ts', 'a burst: so many run, the others hear it at once'],
      ['integration/engine/limits.test.ts', 'the next one is refused in words, before the disk has any work'],
    ],
    guard: {
      file: 'src/server/limits/limiter.ts',
      text: 'if (running >= this.#rates.parallel) throw tooMany(retryParallel)',
      replacement: '',
    },
  },
  {
    row: 37,
    threat: 'Field names that collide in a hash table',
    answer: '413 Too many parts. As many as allowed cost little',
    tests: [limits(37)],
    guard: {
      file: `${mp}parser.ts`,
      text: 'this.#files + this.#fields >= this.#limits.maxParts',
      replacement: 'this.#files < 0',
    },
  },
  {
    row: 38,
    threat: 'Names and errors that write lines of their own into the log',
    answer: 'One line for each event, controls escaped, no token, no cookie, no whole id',
    tests: [
      connection(38),
      ['integration/events/events.test.ts', 'are told no token, no cookie and no whole id'],
      ['integration/events/events.test.ts', 'stays one line, whatever its strings hold'],
      ['guards/lines.test.ts', 'is found out by a control or a bidirectional character'],
      ['guards/lines.test.ts', 'are those of every log and every listener'],
    ],
    guard: { file: 'src/server/options.ts', text: 'log(oneLine(shortIds(line)))', replacement: 'log(line)' },
  },
]
