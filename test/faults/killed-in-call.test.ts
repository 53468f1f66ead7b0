/** SIGKILL in every system call of an upload, by strace; then a restart, and the sender goes on as it would. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginChunks, sendChunks } from './chunk-sender.ts'
import { has, isLong, startCommand, tell } from './command.ts'
import { inject, oneThread } from './inject.ts'
import { Ledger } from './ledger.ts'
import { resume, sendForm, sendResumable, type Target } from './senders.ts'

type Sender = (target: Target, ledger: Ledger, name: string) => Promise<unknown>

const senders: Readonly<Record<string, Sender>> = {
  'a form with three files': (target, ledger, name) =>
    sendForm(target, ledger, { [`${name}-a`]: 50_000, [`${name}-b`]: 50_000, [`${name}-c`]: 50_000 }),
  chunks: (target, ledger, name) => sendChunks(target, ledger, beginChunks(ledger, name, 100_000, 40_000)),
  tus: (target, ledger, name) => sendResumable(target, ledger, 'tus', name, 100_000, 2),
  ietf: (target, ledger, name) => sendResumable(target, ledger, 'ietf', name, 100_000, 2),
}

/** The short form tries those that give and take names: there the order matters most. */
const calls = isLong ? ['openat', 'pwrite64', 'fsync', 'fdatasync', 'link', 'unlink'] : ['link', 'unlink']
/** More calls of one kind than this would be a loop. */
const most = 40

test.skipIf(!has('strace')).each(Object.keys(senders))(
  'killed in any call of %s, nothing is lost and nothing is parted (needs strace)',
  { timeout: 240_000 },
  async kind => {
    const base = await mkdtemp(join(tmpdir(), 'dropgate-killed-'))
    onTestFinished(() => rm(base, { recursive: true, force: true }))
    const folder = join(base, 'uploads')
    const wrong: string[] = []
    let kills = 0
    for (const call of calls) {
      for (let n = 1; n < most; n++) {
        const server = await startCommand(folder, { env: oneThread })
        await inject(server, base, call, 'KILL', n)
        const ledger = new Ledger()
        const answered = await senders[kind]?.(server, ledger, `${call}-${n}`).then(
          () => true,
          () => false,
        )
        await server.end('SIGKILL')
        const restarted = await startCommand(folder)
        const again = await Promise.all([
          ...[...ledger.resumables].map(upload => resume(restarted, ledger, upload)),
          ...[...ledger.chunked].map(upload => sendChunks(restarted, ledger, upload)),
        ])
        const found = [...again.filter(sentence => sentence !== undefined), ...(await ledger.judge(folder))]
        wrong.push(...found.map(sentence => `${call} ${n}: ${sentence}`))
        await ledger.settle(folder)
        await restarted.end('SIGKILL')
        if (answered) break
        kills++
      }
    }
    expect(wrong).toEqual([])
    expect(kills).toBeGreaterThan(2)
    tell(`${kind}: killed in each of ${kills} calls, nothing acknowledged was lost`)
  },
)
