/** How the command begins and ends. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { multipart, npmStart, type Running, root, runToEnd, start, temporaryFolder } from './run.ts'

const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** An upload of which everything but the last bytes has been sent. */
async function halfAnUpload({ port }: Running) {
  const body = multipart('b', 'slow.txt', Buffer.from('slow and steady'))
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', chunk => (answer += chunk))
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(
    `POST /uploads HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  socket.write(body.subarray(0, -8))
  await later(150)
  return {
    async finish() {
      socket.write(body.subarray(-8))
      await closed
      return answer
    },
  }
}

async function refusesConnections(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}

describe('the first line', () => {
  it('tells address and directory, and is alone', async () => {
    const { lines, port, directory } = await start()
    expect(lines).toEqual([`Dropgate is listening on http://127.0.0.1:${port}/ and saves to ${directory}`])
    expect(port).toBeGreaterThan(0)
    expect(existsSync(directory)).toBe(true)
  })

  it('shows IPv6 addresses in brackets', async () => {
    const { url } = await start('--host', '::1')
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/$/)
    expect((await fetch(url)).status).toBe(200)
  })

  it('comes with --open on all addresses', async () => {
    const { url, port } = await start('--host', '0.0.0.0', '--open')
    expect(url).toBe(`http://0.0.0.0:${port}/`)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  })
})

describe('what the user can mend', () => {
  it.each([
    [['--prot', '1'], 'Unknown option --prot; did you mean --port?'],
    [['--nonsense'], 'Unknown option --nonsense; see --help.'],
    [['-x'], 'Unknown option -x; see --help.'],
    [['--port'], '--port needs a value, e.g. --port=…; see --help.'],
    [['--port', '65536'], '--port is "65536"; it must be a whole number from 0 to 65535.'],
    [['--port', '-1'], '--port needs a value, e.g. --port=…; see --help.'],
    [['--max-files', '0'], '--max-files is "0"; it must be a whole number from 1 to 1000000.'],
    [['--parallel', 'two'], '--parallel is "two"; it must be a whole number from 1 to 100.'],
    [['--multiple=yes'], '--multiple takes no value.'],
    [['--naming', 'fancy'], '--naming is "fancy"; it must be original or random.'],
    [['--max-file-size', '3'], '--max-file-size is 3 bytes; did you mean "3 MiB"?'],
    [['a', 'b'], 'Only one directory can be given, but there are two: a and b.'],
    [['--token', 'two words'], '--token must be letters, digits and signs of ASCII, without blanks.'],
    [
      ['--host', '0.0.0.0'],
      'Everybody who reaches 0.0.0.0 could upload and download; add --token TEXT to ask for a token, or --open if that is wanted.',
    ],
  ])('dropgate %j: one sentence, exit code 2', (args, sentence) => {
    expect(runToEnd(...args)).toEqual({ code: 2, stdout: '', stderr: `dropgate: ${sentence}\n` })
  })

  it.each(['--max-file-size=huge', '--accept=nonsense', '--host=300.1.1.1'])(
    '%s: one sentence that names the flag',
    arg => {
      const open = arg.startsWith('--host') ? ['--open'] : []
      const { code, stdout, stderr } = runToEnd(join(temporaryFolder(), 'u'), arg, ...open)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(new RegExp(`^dropgate: [^\\n]*${arg.split('=')[0]}[^\\n]*\\n$`))
    },
  )

  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    expect(runToEnd(join(temporaryFolder(), 'u'), '--port', String(port))).toEqual({
      code: 2,
      stdout: '',
      stderr: `dropgate: Port ${port} of 127.0.0.1 is in use; choose another with --port, or 0 for any free one.\n`,
    })
  })

  it('a directory that is a file, or lies under one', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    for (const directory of [join(folder, 'file'), join(folder, 'file/deeper')]) {
      const { code, stdout, stderr } = runToEnd(directory, '--port', '0')
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^dropgate: The directory \S+ cannot be written: [^\n]*\.\n$/)
    }
  })

  it.skipIf(process.getuid?.() === 0)('a directory without the right to write (needs no root)', () => {
    const folder = join(temporaryFolder(), 'locked')
    mkdirSync(folder, { mode: 0o500 })
    expect(runToEnd(folder, '--port', '0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be written'),
    })
  })
})

describe('--help and --version', () => {
  it('teach with examples and every flag', () => {
    const { code, stdout } = runToEnd('--help')
    expect(code).toBe(0)
    for (const flag of ['port', 'host', 'accept', 'max-file-size', 'max-files', 'multiple', 'parallel', 'naming']) {
      expect(stdout).toContain(`--${flag}`)
    }
    for (const flag of ['token', 'open', 'json', 'help', 'version']) expect(stdout).toContain(`--${flag}`)
    expect(stdout).toMatch(/^Examples:\n {2}dropgate /m)
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(100)
  })

  it('tell the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(runToEnd('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends an idle server at once with 0, kept connections or not',
    async signal => {
      const running = await start()
      // fetch keeps the connection open.
      await (await fetch(running.url)).text()
      const began = Date.now()
      running.child.kill(signal)
      expect(await running.ended).toEqual({ code: 0, signal: null })
      expect(Date.now() - began).toBeLessThan(2000)
    },
  )

  it.each(['SIGINT', 'SIGTERM'] as const)('%s lets a running upload finish and takes no new ones', async signal => {
    const running = await start()
    const upload = await halfAnUpload(running)
    running.child.kill(signal)
    await later(100)
    expect(await refusesConnections(running.port)).toBe(true)
    expect(running.child.exitCode).toBe(null)
    expect(await upload.finish()).toMatch(/^HTTP\/1\.1 201 /)
    expect(await running.ended).toEqual({ code: 0, signal: null })
    expect(readFileSync(join(running.directory, 'slow.txt'), 'utf8')).toBe('slow and steady')
  })

  it('a second one within a second is the same key press; a later one ends the command at once', async () => {
    const running = await start()
    await halfAnUpload(running)
    running.child.kill('SIGINT')
    await later(50)
    running.child.kill('SIGINT')
    await later(1200)
    expect(running.child.exitCode).toBe(null)
    running.child.kill('SIGINT')
    expect(await running.ended).toEqual({ code: 130, signal: null })
    expect(existsSync(join(running.directory, 'slow.txt'))).toBe(false)
  })
})

describe('npm start', () => {
  // Not SIGINT: npm and its shell then wait for the launcher, which hears nothing. Ctrl-C goes to the whole group.
  it.each(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'shuts down when npm alone gets %s, and finishes what runs',
    async signal => {
      const running = await npmStart()
      const upload = await halfAnUpload(running)
      process.kill(running.child.pid as number, signal)
      await running.ended
      await later(600)
      expect(await refusesConnections(running.port)).toBe(true)
      expect(await upload.finish()).toMatch(/^HTTP\/1\.1 201 /)
      expect(readFileSync(join(running.directory, 'slow.txt'), 'utf8')).toBe('slow and steady')
      await goneProcesses(running)
    },
    60_000,
  )

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'shuts down when the whole group gets %s, and finishes what runs',
    async signal => {
      const running = await npmStart()
      const upload = await halfAnUpload(running)
      process.kill(-(running.child.pid as number), signal)
      await later(600)
      expect(await refusesConnections(running.port)).toBe(true)
      expect(await upload.finish()).toMatch(/^HTTP\/1\.1 201 /)
      await goneProcesses(running)
    },
    60_000,
  )

  it('listens within 3 seconds when nothing has to be built', async () => {
    const times: number[] = []
    for (let round = 0; round < 3; round++) {
      const began = Date.now()
      const running = await npmStart()
      times.push(Date.now() - began)
      process.kill(-(running.child.pid as number), 'SIGTERM')
      await goneProcesses(running)
    }
    expect(Math.min(...times)).toBeLessThan(3000)
  }, 90_000)
})

/** Resolves when no process of the group is left. */
async function goneProcesses({ child }: Running): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' })
    const left = stdout.split('\n').filter(line => line.trim().startsWith(`${child.pid} `) && !/\bZ/.test(line))
    if (left.length === 0) return
    await later(100)
  }
  throw new Error('processes are left')
}
