/** Threat rows 23, 32 and 75: heads with too many lines, senders that are slow but honest, and disks that are slow. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { chunk, chunkedHead, file, form, head, lastChunk, noise, post } from './forms.ts'
import { namesIn } from './host.ts'
import { growth } from './measures.ts'
import { type Row, threatRows } from './support.ts'

const MiB = 1024 ** 2
const senders = 64

const rows: Row[] = [
  {
    row: 23,
    name: 'length, type and method come after 2,500 filler lines, where Node no longer reads them',
    run: async run => {
      const body = form(file('a.bin', 'x'))
      const filler = Array.from({ length: 2_500 }, (_, i) => `a${i % 10}: `)
      const answer = await run.ask(
        `${head({ type: null, lines: filler })}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      expect(answer.status).toBe(431)
      expect(answer.body).toMatch(/^(?:Too many headers|The headers are too long)\.$/)
    },
    after: async run => expect((await run.facts()).stored).toBe(run.before.stored),
  },
  {
    row: 32,
    name: 'an honest upload that takes four times the limit of Node for a request is not cut',
    server: { requestTimeout: 1_000 },
    run: async run => {
      const content = noise(400_000)
      const body = form(file('slow.bin', content))
      const client = await run.client()
      await client.write(chunkedHead())
      for (let at = 0; at < body.length; at += 10_000) {
        await client.write(chunk(body.subarray(at, at + 10_000)))
        await delay(100)
      }
      await client.write(lastChunk)
      expect((await client.answer()).status).toBe(201)
      run.keep({ 'slow.bin': content })
    },
  },
  {
    row: 75,
    name: '64 quick senders and a disk that needs 100 ms for each write: all wait, nothing piles up',
    server: { faults: true },
    run: async run => {
      const content = noise(4 * MiB)
      const request = post(form(file('slow-100.bin', content)))
      const grown = await growth(run, async () => {
        const answers = await Promise.all(Array.from({ length: senders }, () => run.ask(request, 30_000)))
        expect(answers.map(({ status }) => status)).toEqual(Array(senders).fill(201))
        run.keep(Object.fromEntries(answers.map(answer => [namesIn(answer)[0] as string, content])))
      })
      // All together sent 256 MiB. Each may hold what is being written, what was gathered meanwhile, and its socket.
      expect(grown / senders).toBeLessThan(2 * MiB)
    },
  },
]

threatRows(rows)
