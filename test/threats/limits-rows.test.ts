/** Threat rows 6 to 8, 20, 24 to 26, 29 and 37: more than the policy allows. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { FormFields } from '../../src/index.ts'
import type { RawClient } from '../integration/adapters/raw-client.ts'
import {
  boundary,
  chunk,
  chunkedHead,
  chunkedPost,
  field,
  file,
  flood,
  form,
  formOf,
  head,
  join,
  noise,
  post,
} from './forms.ts'
import { cheapest, growth, outcome } from './measures.ts'
import type { ServerConfig } from './orders.ts'
import { type Case, expectRefusal, type Row, threatRows } from './support.ts'

const KiB = 1024
const MiB = 1024 ** 2
const tooManyParts = 'Too many parts.'
const fieldTooLong = 'A field is too long.'

const tooLarge = (text: string, send: Case['send']): Case => ({ send, status: 413, text })
const emptyParts = (count: number) => join(`--${boundary}\r\n`, `${field('x')}\r\n--${boundary}\r\n`.repeat(count))

const tight: ServerConfig = { policy: { maxFiles: 2, maxFields: 3, maxFileSize: 64 * KiB, maxFieldSize: 2 * KiB } }
const noEmptyFiles: ServerConfig = { policy: { emptyFiles: false } }
const tenMiB: ServerConfig = { policy: { maxFileSize: '10 MiB', maxFiles: 1 } }
const oneMiB: ServerConfig = { policy: { maxFileSize: '1 MiB' } }
/** Reads on after a refusal for longer than usual, so that whatever is held shows. */
const patient: ServerConfig = { bridge: { drainBytes: 2048 * MiB } }

const rows: Row[] = [
  {
    row: 6,
    name: '100,000 empty parts, fields or files',
    cases: () => [
      tooLarge(tooManyParts, post(formOf(Array(100_000).fill(field('x'))))),
      tooLarge(tooManyParts, post(formOf(Array(100_000).fill(file('a.bin'))))),
      tooLarge(tooManyParts, chunkedPost(formOf(Array(20_000).fill(file('a.bin', 'x'))), 1_000)),
    ],
    after: async run => expect((await run.facts()).stored - run.before.stored).toBeLessThan(1_000),
  },
  {
    row: 6,
    name: 'too many parts is decided at part 1,001 and costs less than 50 ms',
    run: async run => {
      const client = await run.client()
      const body = emptyParts(1_000)
      const lastDelimiter = body.length - boundary.length - 4
      await client.write(join(chunkedHead(), chunk(body.subarray(0, lastDelimiter))))
      await delay(100)
      expect(client.text).toBe('')
      await client.write(chunk(body.subarray(lastDelimiter)))
      expectRefusal(await client.answer(), 413, tooManyParts)
      expect(outcome(emptyParts(999), 65_536)).toBe('ended-early')
      const many = emptyParts(100_000)
      expect(outcome(many, 65_536)).toBe('too-many-parts')
      expect(cheapest(() => outcome(many, 65_536))).toBeLessThan(50)
    },
  },
  {
    row: 7,
    name: 'one file or field more than the limit',
    server: tight,
    cases: () => [
      { send: post(form(file('a', '1'), file('b', '2'))), status: 201, keeps: { a: '1', b: '2' } },
      tooLarge('You can not upload any more files.', post(form(file('c', '1'), file('d', '2'), file('e', '3')))),
      { send: post(form(...Array(3).fill(field('x')), file('f', '1'))), status: 201, keeps: { f: '1' } },
      tooLarge('Too many fields.', post(form(file('g', '1'), ...Array(4).fill(field('x'))))),
    ],
  },
  {
    row: 8,
    name: 'field names of more than 200 bytes, field values over the limit',
    server: tight,
    cases: () => [
      { send: post(form(field('n'.repeat(200)), file('a', 'x'))), status: 201, keeps: { a: 'x' } },
      tooLarge(fieldTooLong, post(form(field('n'.repeat(201)), file('b', 'x')))),
      tooLarge(fieldTooLong, post(form(file('c', 'x', 'ü'.repeat(101))))),
      { send: post(form(field('x', 'v'.repeat(2 * KiB)), file('d', 'x'))), status: 201, keeps: { d: 'x' } },
      tooLarge(fieldTooLong, post(form(field('x', 'v'.repeat(2 * KiB + 1)), file('e', 'x')))),
    ],
  },
  {
    row: 8,
    name: 'a field of 1 GiB is refused after its first MiB and never held',
    server: patient,
    run: async run => {
      const start = join(`--${boundary}\r\n`, field('x'))
      const grown = await growth(run, () =>
        run.check(tooLarge(fieldTooLong, client => flood(client, start, 1024 * MiB))),
      )
      expect(grown).toBeLessThan(192 * MiB)
    },
  },
  {
    row: 8,
    name: 'many fields within the limit are refused when they are too long together',
    server: { policy: { maxFieldSize: 2 * KiB } },
    send: post(formOf(Array(900).fill(field('x', 'v'.repeat(2 * KiB))))),
    status: 413,
    text: 'Too many fields.',
  },
  {
    row: 20,
    name: '999 stored files, then an error: all of them are removed',
    cases: () => {
      const files = Array.from({ length: 999 }, (_, i) => file(`${i}.bin`, 'content'))
      return [
        { send: post(form(...files, 'no colon\r\n\r\n')), status: 400, text: 'Malformed multipart data.' },
        tooLarge(tooManyParts, post(formOf(Array(50_000).fill(file('a.bin', 'x'))))),
      ]
    },
  },
  {
    row: 24,
    name: 'a chunked body without length is refused at the limit and one byte',
    server: oneMiB,
    run: async run => {
      const client = await run.client()
      await client.write(join(chunkedHead(), chunk(join(`--${boundary}\r\n`, file('a.bin', noise(MiB))))))
      await delay(100)
      expect(client.text).toBe('')
      await client.write(chunk('x'))
      expectRefusal(await client.answer(), 413, 'File is too big (more than 1 MiB). Max filesize: 1 MiB.')
    },
  },
  {
    row: 24,
    name: 'an endless chunked body: form and raw',
    server: oneMiB,
    cases: () => [
      tooLarge('File is too big (more than 1 MiB). Max filesize: 1 MiB.', client =>
        flood(client, join(`--${boundary}\r\n`, file('a.bin')), 48 * MiB),
      ),
      tooLarge('File is too big (more than 1 MiB). Max filesize: 1 MiB.', async client => {
        await client.write(join(chunkedHead({ type: 'image/png', target: '/uploads?name=a.png' })))
        for (let i = 0; i < 100; i++) await client.write(chunk(Buffer.alloc(64 * KiB)))
      }),
    ],
  },
  {
    row: 25,
    name: 'too big by Content-Length: nothing is stored, the text comes while 48 MiB are still to be sent',
    server: tenMiB,
    cases: () => [
      tooLarge(
        'File is too big (12 MiB). Max filesize: 10 MiB.',
        announced(12 * MiB, 'image/png', '/uploads?name=a.png'),
      ),
      tooLarge('File is too big (48 MiB). Max filesize: 10 MiB.', announced(48 * MiB)),
      tooLarge('File is too big (48 MiB). Max filesize: 10 MiB.', async client => {
        await announced(48 * MiB)(client)
        await client.writeZeros(48 * MiB)
      }),
    ],
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 25,
    name: 'too big together, by Content-Length and by counting',
    server: { policy: { maxTotalSize: '1 MiB' } },
    cases: () =>
      [announced(48 * MiB), post(form(file('a.bin', noise(600 * KiB)), file('b.bin', noise(600 * KiB))))].map(send =>
        tooLarge('The files are too big together. Max size of one request: 1 MiB.', send),
      ),
  },
  {
    row: 26,
    name: 'too big, found in the middle of the file: at the limit the file is kept, beyond it the text names its size',
    server: tenMiB,
    cases: () => {
      const limit = 10 * MiB
      const content = noise(limit)
      return [
        { send: post(form(file('full.bin', content))), status: 201, keeps: { 'full.bin': content } },
        tooLarge('File is too big (12 MiB). Max filesize: 10 MiB.', post(form(file('a.bin', Buffer.alloc(12 * MiB))))),
        tooLarge(
          'File is too big (more than 10 MiB). Max filesize: 10 MiB.',
          post(form(file('a.bin', join(content, 'x')))),
        ),
        ...[1, 1_000, 65_537, 300_000].map(size =>
          tooLarge(
            'File is too big (more than 10 MiB). Max filesize: 10 MiB.',
            chunkedPost(form(file('a.bin', Buffer.alloc(limit + size))), 50_000 + size),
          ),
        ),
      ]
    },
  },
  {
    row: 26,
    name: 'a client that reads only after it has written everything gets the text, too',
    server: oneMiB,
    run: async run => {
      const client = await run.client({ reading: false })
      await client.write(post(form(file('a.bin', Buffer.alloc(48 * MiB)))))
      client.socket.resume()
      expectRefusal(await client.answer(), 413, 'File is too big (48 MiB). Max filesize: 1 MiB.')
      expect(client.error).toBeUndefined()
    },
  },
  {
    row: 26,
    name: 'the second file is too big: the first is not kept',
    server: oneMiB,
    send: post(form(file('a.bin', 'good', 'file[0]'), file('b.bin', Buffer.alloc(MiB + 1), 'file[1]'))),
    status: 413,
    text: 'File is too big (more than 1 MiB). Max filesize: 1 MiB.',
  },
  {
    row: 29,
    name: 'no file part, or none chosen',
    cases: () =>
      [form(field('x', 'y')), form(file('')), form(file('', '', 'file[0]'), field('x')), `--${boundary}--\r\n`].map(
        body => ({ send: post(body), status: 400, text: 'No file was uploaded.' }),
      ),
  },
  {
    row: 29,
    name: 'an empty file where that is forbidden',
    server: noEmptyFiles,
    cases: () =>
      [
        post(form(file('a.bin'))),
        post(form(file('a.bin', 'x'), file('b.bin'))),
        chunkedPost(form(file('a.bin')), 10),
        post('', { type: 'image/png', target: '/uploads?name=a.png' }),
      ].map(send => ({ send, status: 400, text: 'The file is empty.' })),
  },
  {
    row: 37,
    name: 'a flood of field names is refused at the count',
    cases: () => [
      tooLarge(tooManyParts, post(formOf(collidingNames(50_000).map(name => field(name))))),
      {
        send: post(form(...collidingNames(999).map(name => field(name)), file('a', 'x'))),
        status: 201,
        keeps: { a: 'x' },
      },
    ],
  },
  {
    row: 37,
    name: 'as many field names as allowed cost little, colliding ones included',
    run: () => {
      const names = collidingNames(1_000)
      expect(new Set(names).size).toBe(1_000)
      const fill = (keys: readonly string[]) =>
        cheapest(() => {
          const fields = new FormFields()
          for (const key of keys) fields.append(key, 'x')
        })
      expect(fill(names)).toBeLessThan(50)
    },
  },
]

threatRows(rows)

/** A POST that announces its length and holds the body back. */
function announced(bytes: number, type?: string, target?: string): (client: RawClient) => Promise<void> {
  const options = type === undefined ? {} : { type, target: target as string }
  return client => client.write(`${head(options)}Content-Length: ${bytes}\r\n\r\n`)
}

/** Numbers as text are hashed without a seed: multiples of a power of two meet in one bucket. */
function collidingNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(i * 16_384))
}
