/**
 * Every system call of an upload fails once, under a running server: strace makes it return ENOSPC or EIO.
 *
 * `write` is not among them: it carries sockets and the wake-ups between threads; files are written by `pwritev`.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Command, has, startCommand, tell } from './command.ts'
import { inject, oneThread } from './inject.ts'
import { Ledger, leftovers } from './ledger.ts'
import { append, begin, resume, sendForm } from './senders.ts'

const calls = ['openat', 'pwritev', 'pwrite64', 'fsync', 'fdatasync', 'link', 'rename', 'unlink'] as const
const answers = {
  ENOSPC: { status: 507, sentence: 'The server has no space left for this file.' },
  EIO: { status: 500, sentence: 'The file could not be saved.' },
} as const
type Errno = keyof typeof answers

/** More failures of one call than this would be a loop. */
const most = 40

/** One upload under one failing call. @returns what is wrong, and whether the failure was met */
type Attempt = (
  server: Command,
  folder: string,
  name: string,
  errno: Errno,
  end: () => Promise<boolean>,
) => Promise<{
  hit: boolean
  wrong: string[]
}>

const form: Attempt = async (server, folder, name, errno, end) => {
  const ledger = new Ledger()
  const { status, text } = await sendForm(server, ledger, { [`${name}-a`]: 70_000, [`${name}-b`]: 30_000 })
  const hit = await end()
  const wrong = [...verdict(status, text, errno, [201]), ...(await ledger.judge(folder))]
  if (status >= 400) for (const there of await visibleOf(ledger, folder)) wrong.push(`${there} is to be seen`)
  await ledger.settle(folder)
  return { hit, wrong }
}

const tus: Attempt = async (server, folder, name, errno, end) => {
  const ledger = new Ledger()
  const wrong: string[] = []
  const upload = await begin(server, ledger, 'tus', name, 100_000)
  for (const to of upload ? [40_000, 100_000] : []) {
    if (!upload || !ledger.resumables.has(upload) || upload.acknowledged !== (to === 40_000 ? 0 : 40_000)) break
    const { status, text } = await append(server, ledger, upload, to)
    wrong.push(...verdict(status, text, errno, [204]))
  }
  const hit = await end()
  if (upload && ledger.resumables.has(upload))
    wrong.push(...[await resume(server, ledger, upload)].filter(s => s !== undefined))
  wrong.push(...(await ledger.judge(folder)))
  await ledger.settle(folder)
  return { hit, wrong }
}

/** The answer is a success, or the right refusal. */
function verdict(status: number, text: string, errno: Errno, successes: readonly number[]): string[] {
  const expected = answers[errno]
  if (successes.includes(status)) return []
  return status === expected.status && text === expected.sentence ? [] : [`answer ${status}: ${text}`]
}

async function visibleOf(ledger: Ledger, folder: string): Promise<string[]> {
  const found = await Promise.all(
    [...ledger.contents.keys()].map(name =>
      readFile(join(folder, name))
        .then(() => [name])
        .catch(() => []),
    ),
  )
  return found.flat()
}

async function everyFailure(attempt: Attempt): Promise<{ met: Record<string, number>; wrong: string[] }> {
  const base = await mkdtemp(join(tmpdir(), 'dropgate-inject-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const folder = join(base, 'uploads')
  const server = await startCommand(folder, { env: oneThread })
  const [met, wrong]: [Record<string, number>, string[]] = [{}, []]
  for (const call of calls) {
    for (const errno of ['ENOSPC', 'EIO'] as const) {
      for (let n = 1; n < most; n++) {
        const name = `${call}-${errno}-${n}`
        const tracer = await inject(server, base, call, errno, n)
        const result = await attempt(server, folder, name, errno, tracer.end)
        // What an unlink could not delete waits for the next start.
        const sentences = result.wrong.filter(sentence => !(call === 'unlink' && sentence.endsWith('left behind')))
        wrong.push(...sentences.map(sentence => `${name}: ${sentence}`))
        if (!result.hit) break
        met[call] = (met[call] ?? 0) + 1
        const next = new Ledger()
        const { status, text } = await sendForm(server, next, { [`${name}-next`]: 1000 })
        if (status !== 201) wrong.push(`${name}: the next upload got ${status} ${text}`)
        await next.settle(folder)
      }
    }
  }
  await server.end('SIGKILL')
  const restarted = await startCommand(folder)
  wrong.push(...(await leftovers(folder)))
  await restarted.end('SIGKILL')
  return { met, wrong }
}

const hasStrace = has('strace')

test.skipIf(!hasStrace)('any call of a form upload may fail (needs strace)', { timeout: 180_000 }, async () => {
  const { met, wrong } = await everyFailure(form)
  expect(wrong).toEqual([])
  for (const call of ['openat', 'pwritev', 'fsync', 'link', 'unlink']) expect(met, 'failures met').toHaveProperty(call)
  tell(`form: failures met ${JSON.stringify(met)}`)
})

test.skipIf(!hasStrace)('any call of a tus upload may fail (needs strace)', { timeout: 180_000 }, async () => {
  const { met, wrong } = await everyFailure(tus)
  expect(wrong).toEqual([])
  for (const call of ['openat', 'pwrite64', 'fsync', 'fdatasync', 'link', 'unlink']) {
    expect(met, 'failures met').toHaveProperty(call)
  }
  tell(`tus: failures met ${JSON.stringify(met)}`)
})
