/** A disk that fills up under a running server: the sentence, nothing left behind, and on with it when there is space. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCommand } from './command.ts'
import { mounted } from './disk-mounts.ts'
import { Ledger, leftovers } from './ledger.ts'
import { append, begin, offsetOf, resume, sendForm, sendRaw } from './senders.ts'

const full = 'The server has no space left for this file.'
const ballast = 3 * 1024 * 1024

test('a form and a raw upload on a full disk: 507, clean, and the next one fits (needs mount)', async context => {
  const folder = await mounted(context, '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')
  const server = await startCommand(folder)
  await writeFile(join(folder, '.ballast'), new Uint8Array(ballast))
  const refused = new Ledger()
  const answers = [
    await sendForm(server, refused, { 'small.bin': 10_000, 'large.bin': 2_000_000 }),
    await sendRaw(server, refused, 'raw.bin', 2_000_000),
  ]
  for (const { status, text, headers } of answers) {
    expect([status, text, headers['content-type']]).toEqual([507, full, 'text/plain; charset=utf-8'])
  }
  const none = new Ledger()
  expect(await none.judge(folder)).toEqual([])

  const kept = new Ledger()
  expect((await sendForm(server, kept, { 'fits.bin': 500_000 })).status).toBe(201)
  await rm(join(folder, '.ballast'))
  expect((await sendForm(server, kept, { 'large.bin': 2_000_000 })).status).toBe(201)
  expect(await kept.judge(folder)).toEqual([])
})

for (const protocol of ['tus', 'ietf'] as const) {
  test(`${protocol} on a full disk: 507, the acknowledged offset stays, and it goes on (needs mount)`, async context => {
    const folder = await mounted(context, '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')
    const server = await startCommand(folder)
    const ledger = new Ledger()
    const upload = await begin(server, ledger, protocol, 'long.bin', 2_000_000)
    if (!upload) throw new Error('the upload was refused')
    expect((await append(server, ledger, upload, 400_000)).status).toBe(204)
    await writeFile(join(folder, '.ballast'), new Uint8Array(ballast))
    const refused = await append(server, ledger, upload, 2_000_000)
    expect(refused.status).toBe(507)
    expect(refused.text).toContain(full)
    const offset = await offsetOf(server, upload)
    expect(offset).toBeGreaterThanOrEqual(400_000)
    expect(offset).toBeLessThan(2_000_000)
    expect(await leftovers(folder)).toEqual([])

    await rm(join(folder, '.ballast'))
    expect(await resume(server, ledger, upload)).toBeUndefined()
    expect(await ledger.judge(folder)).toEqual([])
  })
}
