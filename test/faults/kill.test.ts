/** SIGKILL at any moment, uploads of every protocol running: what was promised is there, and nothing else is to be seen. */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { beginChunks, sendChunks } from './chunk-sender.ts'
import { isLong, startCommand, tell } from './command.ts'
import { Ledger } from './ledger.ts'
import { resume, sendForm, sendRaw, sendResumable, type Target } from './senders.ts'

const rounds = isLong ? 1000 : 50
/** At most so many bytes a file: small enough for many rounds, large enough for several writes. */
const largest = 400_000

test(`${rounds} kills lose nothing that was acknowledged`, { timeout: rounds * 10_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dropgate-kill-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const ledger = new Ledger()
  const seen = { acknowledged: 0, offsets: 0, resumed: 0, cut: 0 }
  for (let round = 0; round <= rounds; round++) {
    const server = await startCommand(folder)
    const wrong = [...(await resumeAll(server, ledger, seen)), ...(await ledger.judge(folder))]
    expect(wrong, `after kill ${round}`).toEqual([])
    await ledger.settle(folder)
    if (round < rounds) await disturb(server, ledger, `r${round}`, seen)
    await server.end('SIGKILL')
  }
  // Otherwise the kills came too early or too late to show anything.
  expect(seen.acknowledged, JSON.stringify(seen)).toBeGreaterThan(rounds / 2)
  expect(seen.cut, JSON.stringify(seen)).toBeGreaterThan(rounds)
  expect(seen.resumed, JSON.stringify(seen)).toBeGreaterThan(rounds / 4)
  expect(seen.offsets, JSON.stringify(seen)).toBeGreaterThan(rounds / 20)
  tell(`${rounds} kills: ${JSON.stringify(seen)}; nothing acknowledged was lost`)
})

type Seen = Record<'acknowledged' | 'offsets' | 'resumed' | 'cut', number>

/** The first thing after a restart: every open upload goes on from no less than was acknowledged. */
async function resumeAll(server: Target, ledger: Ledger, seen: Seen): Promise<string[]> {
  const open = [...ledger.resumables]
  const chunked = [...ledger.chunked]
  const wrong = await Promise.all([
    ...open.map(upload => resume(server, ledger, upload)),
    ...chunked.map(upload => sendChunks(server, ledger, upload)),
  ])
  seen.resumed += open.length + chunked.length
  return wrong.filter(sentence => sentence !== undefined)
}

/** Sends by every protocol at once and kills the server in the middle. */
async function disturb(
  server: Awaited<ReturnType<typeof startCommand>>,
  ledger: Ledger,
  prefix: string,
  seen: Seen,
): Promise<void> {
  const sizes = Array.from({ length: 8 }, (_, index) => randomInt(1, index < 5 ? largest : 3 * largest))
  const [a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1] = sizes
  const moment = randomInt(0, Math.round(sizes.reduce((sum, size) => sum + size, 0) * 1.05))
  let sent = 0
  let killed: Promise<unknown> | undefined
  const kill = () => (killed ??= wait(randomInt(0, 6)).then(() => server.end('SIGKILL')))
  const onSent = (bytes: number) => {
    sent += bytes
    if (sent >= moment) kill()
  }
  const target = { port: server.port, onSent }
  const results = await Promise.allSettled([
    sendForm(target, ledger, { [`${prefix}-one.bin`]: a }),
    sendForm(target, ledger, { [`${prefix}-list1.bin`]: b, [`${prefix}-list2.bin`]: c, [`${prefix}-list3.bin`]: d }),
    sendRaw(target, ledger, `${prefix}-raw.bin`, e),
    sendChunks(target, ledger, beginChunks(ledger, `${prefix}-chunks.bin`, h, randomInt(10_000, 200_000))),
    sendResumable(target, ledger, 'tus', `${prefix}-tus.bin`, f, randomInt(1, 12)),
    sendResumable(target, ledger, 'ietf', `${prefix}-ietf.bin`, g, randomInt(1, 12)),
  ])
  await kill()
  seen.cut += results.filter(({ status }) => status === 'rejected').length
  seen.acknowledged += ledger.acknowledged.size
  seen.offsets += [...ledger.resumables].filter(({ acknowledged }) => acknowledged > 0).length
}
