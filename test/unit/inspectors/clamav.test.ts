/** The wire of clamd's INSTREAM: against a small server that speaks it, and against the real daemon. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ClamavOptions, clamav } from '../../../src/inspect.ts'
import { inspected, verdictOf } from './inspected.ts'
import { zipOf } from './zips.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Reads a whole stream as clamd does; what comes back is up to `answer`. */
async function speaker(answer: (bytes: Buffer, socket: Socket) => void, path?: string): Promise<ClamavOptions> {
  const server = createServer(socket => {
    let buffered = Buffer.alloc(0)
    let greeted = false
    const chunks: Buffer[] = []
    socket.on('error', () => {})
    socket.on('data', bytes => {
      buffered = Buffer.concat([buffered, bytes])
      if (!greeted) {
        if (buffered.length < 10) return
        if (buffered.toString('latin1', 0, 10) !== 'zINSTREAM\0') return void socket.end('UNKNOWN COMMAND\0')
        greeted = true
        buffered = buffered.subarray(10)
      }
      while (buffered.length >= 4) {
        const length = buffered.readUInt32BE()
        if (length === 0) return answer(Buffer.concat(chunks), socket)
        if (buffered.length < 4 + length) return
        chunks.push(buffered.subarray(4, 4 + length))
        buffered = buffered.subarray(4 + length)
      }
    })
  })
  servers.push(server)
  await new Promise<void>(resolve => (path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)))
  const address = server.address()
  return typeof address === 'string' || !address ? { path: path as string } : { port: address.port }
}

describe('clamav', () => {
  it('sends every byte, over TCP and over a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dropgate-clam-'))
    for (const path of [undefined, join(folder, 'clamd.sock')]) {
      const bytes = randomBytes(777_777)
      let got: Uint8Array = Buffer.alloc(0)
      const options = await speaker((all, socket) => {
        got = all
        socket.end('stream: OK\0')
      }, path)
      expect(await verdictOf(clamav(options), inspected(bytes).file)).toBe('accepted')
      expect(Buffer.compare(got, bytes)).toBe(0)
    }
    rmSync(folder, { recursive: true })
  })

  it('refuses what was found, and tells its name to whoever wants to know', async () => {
    const found: string[] = []
    const options = await speaker((_bytes, socket) => void socket.end('stream: Eicar-Test-Signature FOUND\0'))
    const inspector = clamav({ ...options, onVirus: (name, file) => void found.push(`${name} in ${file.name}`) })
    const { file } = inspected(Buffer.from('bad'), 'bad.txt')
    expect(await verdictOf(inspector, file)).toBe('virus-found')
    expect(found).toEqual(['Eicar-Test-Signature in bad.txt'])
    await expect(
      (async () => inspector.inspect(file, { signal: new AbortController().signal } as never))(),
    ).rejects.toThrow(/^The file was rejected by the virus scanner\.$/)
  })

  it.each([
    ['an error', 'stream: Can not allocate memory ERROR\0', 'scanner-unavailable'],
    ['an answer in pieces', 'stream: OK\0', 'accepted'],
    ['nonsense', 'stream: OKAY\0', 'scanner-unavailable'],
    ['a clean name that is none', 'stream: OK\n FOUND\0', 'scanner-unavailable'],
    ['no end', 'stream: OK', 'scanner-unavailable'],
    ['nothing', '', 'scanner-unavailable'],
    ['an endless line', 'x'.repeat(10_000), 'scanner-unavailable'],
    ['too large', 'INSTREAM size limit exceeded. ERROR\0', 'threw clamd answered: INSTREAM size limit exceeded. ERROR'],
  ])('%s', async (_what, text, code) => {
    const options = await speaker(async (_bytes, socket) => {
      socket.write(text.slice(0, 5))
      await delay(5)
      socket.end(text.slice(5))
    })
    expect(await verdictOf(clamav(options), inspected(Buffer.from('x')).file)).toBe(code)
  })

  it('nobody there, and somebody who never answers', async () => {
    const gone = await speaker(() => {})
    servers.splice(0).forEach(server => void server.close())
    await delay(10)
    const { file } = inspected(Buffer.from('x'))
    expect(await verdictOf(clamav(gone), file)).toBe('scanner-unavailable')
    expect(await verdictOf(clamav({ path: '/nowhere/clamd.sock' }), file)).toBe('scanner-unavailable')
    const silent = await speaker(() => {})
    expect(await verdictOf(clamav({ ...silent, timeLimit: 100 }), file)).toBe('scanner-unavailable')
  })

  it('is either a path or a port', () => {
    expect(() => clamav({ path: '/x', port: 1 })).toThrow('clamav.path')
  })
})

const hasClamd = spawnSync('clamd', ['--version']).status === 0

describe.skipIf(!hasClamd && !(process.env.CI && spawnSync('apt-get', ['--version']).status === 0))(
  `the real clamd${hasClamd ? '' : ' (not installed: apt-get install clamav-daemon)'}`,
  () => {
    let folder: string
    let daemon: ChildProcess
    let path: string
    // Put together here, so that no scanner takes this file for the test file.
    const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'dropgate-clamd-'))
      path = join(folder, 'clamd.sock')
      mkdirSync(join(folder, 'db'))
      const signature = Buffer.from(eicar.slice(eicar.indexOf('EICAR'), -5)).toString('hex')
      writeFileSync(join(folder, 'db/test.ndb'), `Test.Eicar:0:*:${signature}\n`)
      const lines = [
        'Foreground yes',
        `LogFile ${folder}/clamd.log`,
        `DatabaseDirectory ${folder}/db`,
        `TemporaryDirectory ${folder}`,
        `LocalSocket ${path}`,
        'StreamMaxLength 1M',
        'MaxThreads 2',
        ...(process.getuid?.() === 0 ? ['User root'] : []),
      ]
      writeFileSync(join(folder, 'clamd.conf'), `${lines.join('\n')}\n`)
      daemon = spawn('clamd', [`--config-file=${folder}/clamd.conf`], { stdio: 'ignore' })
      for (let left = 200; left > 0 && !existsSync(path); left--) await delay(50)
    }, 20_000)
    afterAll(async () => {
      const gone = new Promise(resolve => daemon.once('exit', resolve))
      daemon.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    })

    const verdict = (bytes: Uint8Array) => verdictOf(clamav({ path }), inspected(bytes).file)

    it('lets clean files pass', async () => {
      expect(await verdict(Buffer.from('Good morning.'))).toBe('accepted')
      expect(await verdict(randomBytes(900_000))).toBe('accepted')
      expect(await verdict(Buffer.alloc(0))).toBe('accepted')
    })

    it('finds the test file, also within others', async () => {
      expect(await verdict(Buffer.from(eicar))).toBe('virus-found')
      expect(await verdict(zipOf([{ name: 'a.txt', content: Buffer.from(eicar) }]))).toBe('virus-found')
    })

    it('is not told that a file is clean which was too large', async () => {
      expect(await verdict(randomBytes(3_000_000))).not.toBe('accepted')
    })

    it('ends while it is asked', async () => {
      daemon.kill('SIGSTOP')
      const asked = verdictOf(clamav({ path, timeLimit: 300 }), inspected(Buffer.from('x')).file)
      expect(await asked).toBe('scanner-unavailable')
      daemon.kill('SIGCONT')
    })
  },
)
