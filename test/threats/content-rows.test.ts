/** Threat rows 49 to 56: what is in a file. */
import { deflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import { sniff } from '../../src/sansio/sniff/sniff.ts'
import { contentOf } from '../support/contents.ts'
import { zipOf } from '../unit/inspectors/zips.ts'
import { heads } from '../unit/sansio/sniff/heads.ts'
import { pictures } from '../unit/sansio/sniff/pictures.ts'
import { polyglots } from '../unit/sansio/sniff/polyglots.ts'
import { file, form, formOf, post } from './forms.ts'
import type { ServerConfig } from './orders.ts'
import { type Case, type Row, threatRows } from './support.ts'

const mismatch = "The file's content does not match its type."
const tooMuch = 'The archive expands to too much data.'
const unsafe = 'The archive has unsafe paths.'

/** One example of each of 40 kinds. */
const kinds = heads.filter(([extension], at) => heads.findIndex(([other]) => other === extension) === at).slice(0, 60)
const everyKind: ServerConfig = {
  policy: { accept: [...kinds.map(([extension]) => extension), '.html', '.svg', '.js', '.txt', '.jpg'] },
}
const inspected = (...inspect: NonNullable<ServerConfig['inspect']>): ServerConfig => ({ inspect })

const refused = (name: string, content: Uint8Array, text: string, status: number): Case => ({
  send: post(form(file(name, content))),
  status,
  text,
})
const kept = (name: string, content: Uint8Array): Case => ({
  send: post(form(file(name, content))),
  status: 201,
  keeps: { [name]: content },
})

const mebibyte = 1024 ** 2

const rows: Row[] = [
  {
    row: 49,
    name: '40 kinds under 40 wrong names each, and under their own',
    server: everyKind,
    run: async run => {
      expect(kinds.length).toBeGreaterThanOrEqual(40)
      for (const [extension, , head] of kinds) {
        const right = sniff(head)?.extensions ?? []
        const wrong = kinds.filter(([other]) => !right.includes(other)).slice(0, 40)
        expect(wrong.length).toBeGreaterThanOrEqual(36)
        // A few of them by the wire; all of them are tried against the table itself.
        for (const [other] of wrong.filter((_, at) => at % 13 === 0)) {
          await run.check(refused(`a${other}`, head, mismatch, 415))
        }
        await run.check(kept(`own${extension}`, Buffer.from(head)))
      }
    },
  },
  {
    row: 49,
    name: 'a declared type that is not true, one false file of several, a raw body',
    server: { policy: { accept: ['.jpg', '.png'] } },
    cases: () => [
      refused('a.png', contentOf('jpg'), mismatch, 415),
      {
        send: post(formOf([file('a.jpg', contentOf('jpg')), file('b.jpg', '<script>alert(1)</script>')])),
        status: 415,
        text: mismatch,
      },
      {
        send: post(contentOf('png'), { type: 'image/jpeg', target: '/uploads?name=a.png' }),
        status: 415,
        text: mismatch,
      },
      {
        send: post(contentOf('png'), { type: 'image/png', target: '/uploads?name=a.png' }),
        status: 201,
        keeps: { 'a.png': contentOf('png') },
      },
    ],
  },
  {
    row: 51,
    name: 'polyglots under the name of their other half',
    server: everyKind,
    cases: () => {
      const allowed = everyKind.policy?.accept as readonly string[]
      return polyglots.flatMap(({ head, not }) =>
        not
          .filter(extension => allowed.includes(extension))
          .map(extension => refused(`a${extension}`, head, mismatch, 415)),
      )
    },
  },
  {
    row: 52,
    name: 'zip bombs: a ratio, sizes that lie, overlap, archives in archives, too many entries',
    server: inspected('zip'),
    cases: () => {
      const zeros = Buffer.alloc(20 * mebibyte)
      const one = zipOf([{ name: '0.dll', content: Buffer.alloc(mebibyte) }])
      const many = zipOf(Array.from({ length: 16 }, (_, i) => ({ name: `lib ${i}.zip`, content: one })))
      return [
        zipOf([{ name: 'a', content: zeros }]),
        zipOf([{ name: 'a', says: { expanded: 2 ** 32 - 2 } }]),
        zipOf([{ name: 'a', content: zeros, says: { expanded: 30_000 } }]),
        zipOf([
          { name: 'a', content: Buffer.alloc(9000, 7) },
          { name: 'b', says: { offset: 0 } },
        ]),
        zipOf([{ name: 'a' }], { entries: 65_000 }),
        many,
      ].map(bytes => refused('a.zip', bytes, tooMuch, 413))
    },
  },
  {
    row: 53,
    name: 'zip slip: names that lead out, links',
    server: inspected('zip'),
    cases: () => [
      ...['../a', 'a/../../b', '..\\a', '/etc/passwd', 'C:\\a'].map(name =>
        refused('a.zip', zipOf([{ name: 'fine' }, { name }]), unsafe, 415),
      ),
      refused('a.zip', zipOf([{ name: 'a', mode: 0o120777 }]), unsafe, 415),
      kept('fine.zip', zipOf([{ name: 'a/b.txt' }])),
    ],
  },
  {
    row: 54,
    name: 'pixel floods: by the header of each format',
    server: inspected('image'),
    cases: () => [
      ...(['png', 'gif', 'jpeg', 'bmp', 'webpExtended', 'avif', 'heic'] as const).map(format =>
        refused('a.bin', pictures[format](30_000, 30_000), 'The image is too large (30000 x 30000 pixels).', 413),
      ),
      kept('fine.png', pictures.png(4000, 3000)),
    ],
  },
  {
    row: 55,
    name: 'a check that never answers, one that loops for ever in its thread, one that throws',
    server: inspected('troublesome'),
    cases: () =>
      ['never.bin', 'endless.bin', 'throws.bin'].map(name =>
        refused(name, Buffer.from('x'), 'The file could not be checked.', 500),
      ),
  },
  {
    row: 56,
    name: 'no scanner: nothing is kept',
    server: inspected('deadScanner'),
    cases: () => [refused('a.bin', deflateRawSync('x'), 'The virus scanner is not available.', 503)],
  },
  {
    row: 56,
    name: 'a scanner that finds something',
    server: inspected('scanner'),
    cases: () => [
      refused('a.bin', Buffer.from('a virus'), 'The file was rejected by the virus scanner.', 422),
      kept('b.bin', Buffer.from('clean')),
    ],
  },
]

threatRows(rows)
