/** Threat rows 1 to 5, 9 to 19 and 21: bodies that are not what they say. */
import { expect } from 'vitest'
import { boundaryOf } from '../../src/multipart.ts'
import {
  type Bytes,
  boundary,
  chunkedPost,
  field,
  file,
  flood,
  form,
  formOf,
  join,
  noise,
  part,
  post,
} from './forms.ts'
import { namesIn } from './host.ts'
import { cheapest, growth, outcome, outcomeOf } from './measures.ts'
import type { ServerConfig } from './orders.ts'
import { type Case, type Row, threatRows } from './support.ts'

const malformed = 'Malformed multipart data.'
const endedEarly = 'Malformed multipart data: the upload ended early.'
const noName = 'Malformed multipart data: a part has no name.'
const headerTooLong = 'Malformed multipart data: a part header is too long.'
const MiB = 1024 ** 2

const refused = (text: string, ...sends: readonly Bytes[]): Case[] => sends.map(send => ({ send, status: 400, text }))
const kept = (name: string, content: Bytes, send: Bytes): Case => ({ send, status: 201, keeps: { [name]: content } })
const typed = (...types: readonly string[]) => types.map(type => post(form(file('a.bin', 'x')), { type }))
/** A form whose only part has these header lines. */
const withHead = (...lines: readonly Bytes[]) => post(form(part(join(...between(lines, '\r\n')), 'content')))
const disposition = 'Content-Disposition: form-data; name="file"; filename="a.bin"'

/** Reads on after a refusal for longer than usual, so that whatever is held shows. */
const patient: ServerConfig = { bridge: { drainBytes: 1024 * MiB } }

const rows: Row[] = [
  {
    row: 1,
    name: 'no boundary parameter',
    cases: () =>
      refused(
        'Missing multipart boundary.',
        ...typed(
          'multipart/form-data',
          'multipart/form-data; boundary=',
          'multipart/form-data; charset=utf-8; boundary=""',
        ),
      ),
  },
  {
    row: 2,
    name: 'two boundary parameters',
    cases: () => [
      ...refused(
        malformed,
        ...typed(
          `multipart/form-data; boundary=${boundary}; boundary=other`,
          `multipart/form-data; boundary=${boundary}; BOUNDARY="${boundary}"`,
          `multipart/form-data; boundary=${boundary}; boundary*=utf-8''other`,
          `multipart/form-data; boundary=${boundary}; boundary*0=other`,
          `multipart/form-data; boundary=${boundary}\r\nContent-Type: multipart/form-data; boundary=other`,
        ),
      ),
    ],
  },
  {
    row: 3,
    name: 'boundaries of 1 to 300 letters: up to 70 work',
    cases: () =>
      Array.from({ length: 300 }, (_, i) => {
        const delimiter = 'b'.repeat(i + 1)
        const content = noise(5_000, i)
        const send = post(formOf([file(`${i + 1}.bin`, content)], delimiter), {
          type: `multipart/form-data; boundary=${delimiter}`,
        })
        return i < 70 ? kept(`${i + 1}.bin`, content, send) : { send, status: 400, text: malformed }
      }),
  },
  {
    row: 4,
    name: 'the body ends early, at any byte: no file of it is kept',
    cases: () => {
      const body = form(file('first.bin', 'whole'), field('note', 'x'), file('second.bin', 'cut'))
      const closed = body.length - 2
      return Array.from({ length: closed }, (_, length) => length).flatMap(length =>
        refused(
          endedEarly,
          post(body.subarray(0, length)),
          ...(length % 7 ? [] : [chunkedPost(body.subarray(0, length), 50)]),
        ),
      )
    },
    after: async run => expect((await run.facts()).log).toEqual([]),
  },
  {
    row: 4,
    name: 'a body of 3,000 bytes that ends early, at every byte and in chunks of 1, 7 and 64: never an end, always the error',
    run: () => {
      const body = form(file('a.bin', noise(1_400)), field('x', '\r\n--'), file('b.bin', '\r\n'.repeat(500)))
      for (const size of [1, 7, 64]) {
        for (let length = 0; length < body.length - 2; length++)
          expect(outcome(body.subarray(0, length), size)).toBe('ended-early')
        expect(outcome(body, size)).toBe('end')
      }
    },
  },
  {
    row: 5,
    name: 'CRLF, two dashes, the boundary and other letters are content',
    cases: () =>
      ['X', 'EXTRA\r\n', '-', '-x', '-\r\n', ' x', '\rx', '\r\r\n', '\n', '\t\t\0'].flatMap((tail, i) => {
        const content = join(noise(3_000), `\r\n--${boundary}${tail}`, noise(500), `\r\n--${boundary}${tail}`)
        const body = (name: string) => form(file(name, content))
        return [
          kept(`whole-${i}.bin`, content, post(body(`whole-${i}.bin`))),
          kept(`cut-${i}.bin`, content, chunkedPost(body(`cut-${i}.bin`), boundary.length - 1)),
        ]
      }),
  },
  {
    row: 9,
    name: 'part headers of more than 16 KiB or 32 lines',
    cases: () => {
      const lines = (count: number) => Array.from({ length: count - 1 }, (_, i) => `X-${i}: y`)
      const filler = (bytes: number) => `X: ${'y'.repeat(bytes - disposition.length - 2 - 5)}`
      return [
        kept('a.bin', 'content', withHead(disposition, ...lines(32))),
        ...refused(headerTooLong, withHead(disposition, ...lines(33))),
        kept('a (1).bin', 'content', withHead(disposition, filler(16 * 1024))),
        ...refused(
          headerTooLong,
          withHead(disposition, filler(16 * 1024 + 1)),
          withHead(disposition, filler(2 * MiB)),
          post(join(`--${boundary}\r\n`, 'a'.repeat(2 * MiB))),
          post(join(`--${boundary}\r\n`, 'a: b\r\n'.repeat(100_000))),
        ),
      ]
    },
  },
  {
    row: 10,
    name: 'a preamble of more than 8 KiB',
    cases: () => [
      kept('a.bin', 'x', post(join('p'.repeat(8 * 1024), '\r\n', form(file('a.bin', 'x'))))),
      ...refused(malformed, post(join('p'.repeat(8 * 1024 + 1), '\r\n', form(file('b.bin', 'x'))))),
    ],
  },
  {
    row: 10,
    name: 'an endless preamble is refused at once and never held',
    server: patient,
    run: async run => {
      const grown = await growth(run, async () => {
        await run.check({ send: client => flood(client, '', 256 * MiB), status: 400, text: malformed })
      })
      expect(grown).toBeLessThan(128 * MiB)
    },
  },
  {
    row: 10,
    name: 'an epilogue of 256 MiB is dropped and never held',
    server: patient,
    run: async run => {
      const grown = await growth(run, async () => {
        const body = form(file('a.bin', 'x'))
        await run.check({ send: client => flood(client, body, 256 * MiB), status: 201, keeps: { 'a.bin': 'x' } })
      })
      expect(grown).toBeLessThan(128 * MiB)
    },
  },
  {
    row: 10,
    name: 'an endless epilogue counts to the limit of the request',
    server: { policy: { maxFiles: 1, maxFileSize: '1 MiB' } },
    send: client => flood(client, form(file('a.bin', 'x')), 48 * MiB),
    status: 413,
    text: 'File is too big (more than 1 MiB). Max filesize: 1 MiB.',
  },
  {
    row: 11,
    name: 'hostile headers of 16 KiB cost at most 5 ms each, and are taken or refused',
    run: async run => {
      for (const [label, line] of hostileLines()) {
        const body = form(part(line, 'content'))
        expect(body.length, label).toBeGreaterThan(15_000)
        expect(
          cheapest(() => outcome(body, 65_536)),
          label,
        ).toBeLessThan(5)
        const type = `multipart/form-data; ${line.slice(line.indexOf(';') + 1)}`
        expect(
          cheapest(() => outcomeOf(() => boundaryOf(type))),
          label,
        ).toBeLessThan(5)
        const answer = await run.ask(post(body))
        expect([201, 400], label).toContain(answer.status)
        if (answer.status === 201) run.keep(Object.fromEntries(namesIn(answer).map(name => [name, 'content'])))
      }
    },
  },
  {
    row: 12,
    name: 'filename* is ignored, however broken, and filename is used',
    cases: () =>
      [
        "UTF-8''a%FF",
        "UTF-8''%",
        "UTF-8''a%ZZ",
        "unknown''x",
        "UTF-8''evil.exe",
        '"UTF-8\'\'evil.exe"',
        "''",
        "UTF-8''..%2F..%2Fx",
      ].map((value, i) =>
        kept(
          `a${i}.bin`,
          'content',
          withHead(`Content-Disposition: form-data; name="file"; filename="a${i}.bin"; filename*=${value}`),
        ),
      ),
  },
  {
    row: 13,
    name: 'a part without a name',
    cases: () =>
      refused(
        noName,
        withHead('Content-Disposition: form-data; name=""; filename="a.bin"'),
        withHead('Content-Disposition: form-data; filename="a.bin"'),
        withHead('Content-Disposition: form-data; name=""'),
        withHead('Content-Disposition: form-data'),
        withHead('Content-Type: text/plain'),
        post(form(file('whole.bin', 'x'), part('Content-Disposition: form-data; name=""', 'x'))),
        post(form(part(''))),
      ),
  },
  {
    row: 14,
    name: 'names of the prototype are names like any other',
    run: async run => {
      const names = [
        '__proto__',
        'constructor',
        'constructor[prototype][x]',
        '__proto__.x',
        'hasOwnProperty',
        'toString',
      ]
      const fields = names.map((name, i) => field(name, `value ${i}`))
      const files = names.map((name, i) => file(`${i}.bin`, name, name))
      // Twice: the first value of a name and those that repeat it are kept in two places.
      const answer = await run.ask(post(form(...fields, ...fields, ...files), { target: '/fields' }))
      expect([answer.status, JSON.parse(answer.body)]).toEqual([200, names.map((name, i) => [name, `value ${i}`])])
      run.keep(Object.fromEntries(names.map((name, i) => [`${i}.bin`, name])))
      await run.check(kept('a.bin', 'content', withHead(disposition, '__proto__: x', 'constructor: y')))
      await run.check(
        kept(
          '__proto__',
          'content',
          withHead('Content-Disposition: form-data; name="file"; filename="__proto__"; __proto__=x'),
        ),
      )
    },
    after: async run => expect((await run.facts()).prototype).toEqual(run.before.prototype),
  },
  {
    row: 15,
    name: 'bare CR or LF, NUL and folded lines in part headers',
    cases: () => {
      const lines = ['\n', '\r', '\0', '\r\r\n', '\r\n ', '\r\n\t'].flatMap(bad => [
        `${disposition}${bad}X: y`,
        `${disposition.replace('a.bin', `a${bad}b.bin`)}`,
      ])
      return refused(
        malformed,
        ...lines.map(line => withHead(line)),
        withHead(` ${disposition}`),
        withHead('no colon', disposition),
        withHead(': x', disposition),
        withHead(`--${boundary}`, disposition),
        post(form(file('a.bin', 'x')).toString('latin1').replaceAll('\r\n', '\n')),
      )
    },
  },
  {
    row: 16,
    name: 'Content-Disposition, name or filename given twice',
    cases: () =>
      refused(
        malformed,
        withHead(disposition, disposition),
        withHead(disposition, disposition.toLowerCase()),
        withHead(`${disposition}; name="other"`),
        withHead(`${disposition}; NAME=other`),
        withHead(`${disposition}; filename="b.bin"`),
        withHead(`${disposition}; filename=a.bin`),
        withHead(disposition, 'Content-Type: a/b', 'Content-Type: a/b'),
      ),
  },
  {
    row: 17,
    name: 'file names are decoded as browsers encode them',
    cases: () => [
      ...(
        [
          ['a%22b.txt', 'a_b.txt'],
          ['c\\"d.txt', 'c_d.txt'],
          ['e%0D%0Af.txt', 'ef.txt'],
          ['g%20h%2541.txt', 'g%20h%2541.txt'],
          ['Grüße 😀.txt', 'Grüße 😀.txt'],
          ['100%.txt', '100%.txt'],
          ['C:\\fakepath\\i.txt', 'i.txt'],
          ['j+k&amp;l.txt', 'j+k&amp;l.txt'],
        ] as const
      ).map(([sent, name]) => kept(name, sent, post(form(file(sent, sent))))),
      kept('caf\uFFFD.txt', 'x', post(form(join(Buffer.from(file('caf\u00E9.txt', 'x').toString(), 'latin1'))))),
    ],
  },
  {
    row: 18,
    name: 'Content-Transfer-Encoding',
    cases: () => [
      ...refused(
        'Content-Transfer-Encoding is not supported.',
        ...['base64', 'BASE64', 'quoted-printable', 'x-uuencode', '8bit, base64', ''].map(encoding =>
          withHead(disposition, `Content-Transfer-Encoding: ${encoding}`),
        ),
      ),
      ...['7bit', '8bit', 'Binary'].map((encoding, i) =>
        kept(
          `${i}.bin`,
          'content',
          withHead(disposition.replace('a.bin', `${i}.bin`), `Content-Transfer-Encoding: ${encoding}`),
        ),
      ),
    ],
  },
  {
    row: 19,
    name: '8 MiB of CR, CRLF and near-boundaries: identical bytes, at 100 MB/s and more',
    cases: () => {
      const usual = ['\r', '\r\n', '\r\n-', '\r\n--', `\r\n--${boundary.slice(0, -1)}`, `\r\n--${boundary}-`]
      // The shorter the boundary, the more false delimiters a body can have: 1.4 million of these.
      const short = ['\r\n--b!', '\r\n--b-']
      const contents = [...usual.map(one => [one, boundary] as const), ...short.map(one => [one, 'b'] as const)]
      return contents.map(([pattern, delimiter], i) => {
        const content = Buffer.alloc(8 * MiB, pattern)
        const body = formOf([file(`${i}.bin`, content)], delimiter)
        // 8 MiB in 84 ms are 100 MB/s.
        expect(
          cheapest(() => outcome(body, 65_536, delimiter)),
          JSON.stringify(pattern),
        ).toBeLessThan(84)
        return kept(`${i}.bin`, content, post(body, { type: `multipart/form-data; boundary=${delimiter}` }))
      })
    },
  },
  {
    row: 21,
    name: 'another content type',
    cases: () =>
      ['text/plain', 'application/x-www-form-urlencoded', 'application/json', 'multipart/mixed; boundary=x', null].map(
        type => ({
          send: post(form(file('a.bin', 'x')), { type }),
          status: 415,
          text: 'Expected multipart/form-data.',
        }),
      ),
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 21,
    name: 'a urlencoded body is none even with a name',
    send: post('a=b', { type: 'application/x-www-form-urlencoded', target: '/uploads?name=a.txt' }),
    status: 415,
    text: 'Expected multipart/form-data.',
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
]

threatRows(rows)

/** Header lines on which naive readers are slow. */
function hostileLines(): readonly (readonly [label: string, line: string])[] {
  const start = 'Content-Disposition: form-data; name="file"'
  const fill = (pattern: string) => pattern.repeat(Math.floor(15_500 / pattern.length))
  const patterns = [
    ';',
    '"',
    ' ',
    '\\',
    '\\"',
    '%22',
    '; a=',
    ';a="',
    '; !="\\\\',
    'filename*=',
    '=',
    "';''",
    '../',
    ' .',
    '. ',
  ]
  const types = ['a', '/', 'a/', '+', ' ;']
  return [
    ...patterns.flatMap(pattern => [
      [`bare ${pattern}`, `${start}${fill(pattern)}`] as const,
      [`in filename ${pattern}`, `${start}; filename="${fill(pattern)}"`] as const,
      [`open ${pattern}`, `${start}; filename="${fill(pattern)}`] as const,
    ]),
    ...types.map(type => [`in type ${type}`, `${start}; filename="a.bin"\r\nContent-Type: ${fill(type)}`] as const),
  ]
}

function between(lines: readonly Bytes[], separator: string): Bytes[] {
  return lines.flatMap((line, i) => (i === 0 ? [line] : [separator, line]))
}
