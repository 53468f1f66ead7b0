/** Threat rows 27, 28, 33, 34 and 38: clients that do not behave, and errors at the worst moment. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { RawClient } from '../integration/adapters/raw-client.ts'
import { boundary, chunk, chunkedHead, chunkedPost, field, file, form, head, join, noise, post } from './forms.ts'
import { faultPoints, type ServerConfig } from './orders.ts'
import { becomes } from './probes.ts'
import { type Case, expectRefusal, type Row, type Run, threatRows } from './support.ts'

const KiB = 1024
const MiB = 1024 ** 2
const tooBig = (size: string) => `File is too big (${size}). Max filesize: 64 KiB.`

/** Refuses early, and gives up early on those who go on. */
const impatient: ServerConfig = {
  policy: { maxFileSize: 64 * KiB, maxFiles: 1 },
  bridge: { drainBytes: MiB, drainMs: 300, lingerMs: 100 },
}
/** Tells after 300 ms what is told after 30 s otherwise. */
const watchful: ServerConfig = { bridge: { rateWindowMs: 300, lingerMs: 100 } }
const faulty: ServerConfig = { faults: true }
const small: ServerConfig = { policy: { maxFileSize: 64 * KiB, maxFiles: 1 } }

/** Storage and app may say why something failed; the person reads this. */
const failures: Readonly<Record<string, string>> = {
  create: 'The file could not be saved.',
  append: 'The file could not be saved.',
  commit: 'The file could not be saved.',
}

const turns = [0, 1, 2, 3, 4, 5]
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/

const rows: Row[] = [
  {
    row: 27,
    name: 'a client that ignores the 413 and sends for ever is cut off at the budget in bytes',
    server: impatient,
    run: async run => {
      const client = await run.client()
      await client.write(`${head()}Content-Length: ${10 * 1024 * MiB}\r\n\r\n`)
      const sent = await client.writeZeros(10 * 1024 * MiB)
      expect(client.text).toContain(tooBig('10 GiB'))
      await client.until(() => client.closed, 1_000)
      expect(sent).toBeLessThan(64 * MiB)
      const { read, stored } = await run.facts()
      // What is read in the moment of lingering is bounded as well.
      expect(read - run.before.read).toBeLessThan(4 * MiB)
      expect(stored).toBe(run.before.stored)
    },
  },
  {
    row: 27,
    name: 'by default 64 MiB are read, whatever the speed',
    server: small,
    run: async run => {
      const client = await run.client()
      await client.write(chunkedHead())
      await client.write(chunk(join(`--${boundary}\r\n`, file('a.bin'))))
      const block = chunk(Buffer.alloc(256 * KiB))
      while (!client.closed && client.error === undefined) await client.write(block)
      expect(client.text).toContain(tooBig('more than 64 KiB'))
      expect((await run.facts()).read - run.before.read).toBeLessThan(72 * MiB)
    },
  },
  {
    row: 27,
    name: 'a client that drips after the 413 is cut off at the budget in time',
    server: impatient,
    run: async run => {
      const client = await run.client()
      const start = performance.now()
      await client.write(`${head()}Content-Length: ${MiB + 20 * MiB}\r\n\r\n`)
      expectRefusal(await client.answer(), 413, tooBig('21 MiB'))
      for (; !client.closed && performance.now() - start < 5_000; await delay(20)) await client.write('x')
      expect(performance.now() - start).toBeLessThan(1_500)
    },
  },
  {
    row: 28,
    name: 'a bad request with Expect: 100-continue gets its refusal, no 100, and no byte of its body is read',
    server: small,
    run: async run => {
      const expecting = { lines: ['Expect: 100-continue'] }
      const raw = { ...expecting, type: 'image/png', target: '/uploads?name=a.png' }
      const bad: [heads: string, size: number, status: number, text: string][] = [
        [head(raw), 100 * KiB, 413, tooBig('100 KiB')],
        [head(expecting), 48 * MiB, 413, tooBig('48 MiB')],
        [head({ ...expecting, type: 'text/plain' }), 10, 415, 'Expected multipart/form-data.'],
        [head({ ...expecting, type: 'multipart/form-data' }), 10, 400, 'Missing multipart boundary.'],
        [head({ ...expecting, target: '/uploads/x' }), 10, 404, 'Upload not found.'],
        [
          head({ lines: [...expecting.lines, 'Sec-Fetch-Site: cross-site'] }),
          10,
          403,
          'The request came from another site.',
        ],
      ]
      let sent = 0
      for (const [lines, size, status, text] of bad) {
        const request = `${lines}Content-Length: ${size}\r\n\r\n`
        sent += request.length
        expectRefusal(await run.ask(request), status, text)
      }
      await run.settles()
      expect((await run.facts()).read - run.before.read).toBe(sent)
    },
  },
  {
    row: 28,
    name: 'a good request with Expect: 100-continue is told to go on',
    server: small,
    run: async run => {
      const client = await run.client()
      const request = post(form(file('a.bin', 'content')), { lines: ['Expect: 100-continue'] })
      const split = request.indexOf('\r\n\r\n') + 4
      await client.write(request.subarray(0, split))
      expect((await client.answer()).status).toBe(100)
      await client.write(request.subarray(split))
      expect((await client.answer()).status).toBe(201)
      run.keep({ 'a.bin': 'content' })
    },
  },
  ...(['RST', 'FIN'] as const).map(
    (way): Row => ({
      row: 33,
      name: `the client vanishes anywhere in its request, by ${way}: nothing is left after 250 ms`,
      run: async run => {
        const request = post(form(field('x', 'y'), file('a.bin', noise(100_000)), file('b.bin', noise(1_500_000))))
        for (let i = 1; i <= 12; i++)
          await vanish(run, request.subarray(0, Math.floor((request.length * i) / 12) - 1), way)
        for (const length of [1, 50, 200, 300, 400]) await vanish(run, request.subarray(0, length), way)
      },
    }),
  ),
  ...(['RST', 'FIN'] as const).map(
    (way): Row => ({
      row: 33,
      name: `the client vanishes by ${way} while its bytes are being stored`,
      server: faulty,
      run: async run => {
        const request = chunkedPost(form(file('slow-100.bin', noise(3_000_000))), 60_000)
        const client = await run.client()
        await client.write(request.subarray(0, 2_000_000))
        await becomes(async () => (await temporaries(run)).length, 1, 2_000)
        leave(client, way)
        // An append that runs is awaited; then there are 250 ms.
        await run.settles(100 + 250)
      },
    }),
  ),
  {
    row: 33,
    name: 'the client falls silent in the middle of a file: 408, and nothing is left after 250 ms',
    server: watchful,
    run: async run => {
      for (const body of [form(file('a.bin', noise(1_500_000))), form(field('x', 'y'.repeat(1_000)))]) {
        const request = post(body)
        const client = await run.client()
        await client.write(request.subarray(0, request.length - 100))
        if (body.length > MiB) await becomes(async () => (await temporaries(run)).length, 1, 250)
        expectRefusal(await client.answer(2_000), 408, 'The upload was too slow.')
        const state = async () => (await temporaries(run)).length
        await becomes(state, 0, 250)
        await client.until(() => client.ended, 1_000)
        await run.settles(250)
      }
    },
  },
  {
    row: 33,
    name: 'a slow sender above the minimum rate is not cut',
    server: watchful,
    run: async run => {
      const content = noise(12_000)
      const request = post(form(file('a.bin', content)))
      const client = await run.client()
      // 12 pieces in 960 ms and more, each window with at least 3 KiB where 308 bytes are asked for.
      for (let at = 0; at < request.length; at += 1_050) {
        await client.write(request.subarray(at, at + 1_050))
        await delay(80)
      }
      expect((await client.answer()).status).toBe(201)
      run.keep({ 'a.bin': content })
    },
  },
  {
    row: 34,
    name: 'errors at every await of an upload, 0 to 5 turns late',
    server: faulty,
    cases: () =>
      faultPoints.flatMap(point =>
        turns.map((turn): Case => {
          const files = [file('first.bin', 'x'), file(`${point}-${turn}.bin`, noise(1_200_000)), file('last.bin', 'x')]
          if (point === 'remove')
            return {
              send: post(form(...files, '')),
              status: 400,
              text: 'Malformed multipart data: a part has no name.',
            }
          return {
            send: post(form(...files)),
            status: 500,
            text: failures[point] ?? 'Something went wrong on the server.',
          }
        }),
      ),
  },
  {
    row: 34,
    name: 'the body breaks while something is awaited',
    server: faulty,
    cases: () =>
      ['slow-5.bin', 'slow-50.bin', 'a.bin'].flatMap(name =>
        [1, 600_000, 1_200_000].map(size => ({
          send: post(form(file(name, noise(size)), 'no colon\r\n\r\n')),
          status: 400,
          text: 'Malformed multipart data.',
        })),
      ),
  },
  {
    row: 34,
    name: 'the client vanishes while something fails',
    server: faulty,
    run: async run => {
      for (const point of faultPoints) {
        for (const turn of turns) {
          const client = await run.client()
          const request = post(form(file(`${point}-${turn}.bin`, noise(1_200_000)), file('last.bin', noise(1_000))))
          // Never all of it: a request that came whole may be kept, whoever is gone by then.
          await client.write(request.subarray(0, request.length - 1 - (turn % 2) * 500))
          client.socket.resetAndDestroy()
        }
      }
    },
  },
  {
    row: 34,
    name: 'errors in a route that takes file by file',
    server: faulty,
    cases: () =>
      faultPoints
        .filter(point => point !== 'remove')
        .flatMap(point =>
          turns.map(turn => ({
            send: post(form(file(`${point}-${turn}.bin`, noise(1_200_000)), file('last.bin', 'x')), {
              target: '/fields',
            }),
            status: 500,
            text: failures[point] ?? 'Something went wrong on the server.',
          })),
        ),
  },
  {
    row: 38,
    name: 'whatever an error says, the log has one line for it, without controls, tokens and cookies',
    server: faulty,
    run: async run => {
      const lines = ['Cookie: sid=geheim', 'Authorization: Bearer geheim']
      const request = post(form(field('x\u001B[1m', 'y\r\n\u2028z'), file('validate-2.bin', 'x')), { lines })
      expectRefusal(await run.ask(request), 500, 'Something went wrong on the server.')
      const news = (await run.facts()).log.slice(run.before.log.length)
      expect(news).toHaveLength(1)
      expect(news[0]).toContain('secret')
      expect(news[0]).not.toMatch(controls)
      expect(news[0]).not.toContain('geheim')
    },
  },
  {
    row: 38,
    name: 'the command line prints one line for each file, without controls',
    run: async run => {
      const names = [
        'a\u001B[31m\u0007.txt',
        'b%0D%0Akept evil.txt',
        'c\u2028d\u2029.txt',
        'e\u202Etxt.exe',
        '\u009B2Jf.txt',
        'g%00.txt',
      ]
      const { lines, port, stop } = await commandLine(joinPath(run.place.around, '..', 'command-line'))
      for (const name of names) {
        const client = await RawClient.connect(port)
        await client.write(
          post(form(field('x\u001B[1m', 'y'), file(name, 'x', 'f\u001B[1m')), { target: '/uploads?%1B[31m' }),
        )
        await client.answer()
        client.socket.destroy()
      }
      await becomes(async () => lines.length, 1 + names.length, 2_000)
      await stop()
      expect(lines.length).toBe(1 + names.length)
      expect(lines.filter(line => controls.test(line))).toEqual([])
      expect(lines.slice(1).map(line => line.split(' ', 1)[0])).toEqual([
        'kept',
        'kept',
        'kept',
        'kept',
        'kept',
        'refused',
      ])
    },
  },
]

threatRows(rows)

function leave(client: RawClient, way: 'RST' | 'FIN'): void {
  if (way === 'RST') client.socket.resetAndDestroy()
  else client.socket.end()
}

/** Sends the beginning of a request and goes. */
async function vanish(run: Run, beginning: Uint8Array, way: 'RST' | 'FIN'): Promise<void> {
  const client = await run.client()
  await client.write(beginning)
  // Large beginnings have reached the disk when the client goes.
  if (beginning.length > 1_300_000) await becomes(async () => (await temporaries(run)).length > 0, true, 1_000)
  leave(client, way)
  await run.settles(250)
}

function temporaries(run: Run): Promise<string[]> {
  return readdir(joinPath(run.place.store, '.dropgate'))
}

/** The command line as a process of its own, saving to a folder of an evil name, with the lines it prints. */
async function commandLine(
  folder: string,
): Promise<{ lines: readonly string[]; port: number; stop: () => Promise<unknown> }> {
  await mkdir(folder)
  const script = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const child: ChildProcess = spawn(process.execPath, [script, 'files\u001B[31m\nkept evil.txt', '--port', '0'], {
    cwd: folder,
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', line => lines.push(line))
  }
  await becomes(async () => lines.length, 1, 10_000)
  const exit = once(child, 'exit')
  const stop = () => {
    child.kill('SIGTERM')
    return exit
  }
  return { lines, port: Number(/:(\d+)\/ /.exec(String(lines[0]))?.[1]), stop }
}
