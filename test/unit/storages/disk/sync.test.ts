import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { shared } from '../../../../src/storages/disk/sync.ts'

test('all who wait while one runs share the next', async () => {
  let runs = 0
  const sync = shared(async () => {
    runs++
    await turn()
  })
  const first = sync()
  await Promise.resolve()
  await Promise.all([first, ...Array.from({ length: 50 }, () => sync())])
  expect(runs).toBe(2)
})

test('a run that had begun before the call never serves it', async () => {
  let begun = 0
  const sync = shared(async () => {
    const mine = ++begun
    await turn()
    covered = Math.max(covered, mine)
  })
  let covered = 0
  for (let round = 0; round < 20; round++) {
    const before = begun
    const waiting = sync()
    if (round % 3 === 0) await turn()
    await waiting
    expect(covered).toBeGreaterThan(before)
  }
})

test('a failed run fails its own waiters only', async () => {
  let runs = 0
  const sync = shared(async () => {
    await turn()
    if (++runs === 1) throw new Error('EIO')
  })
  const first = sync()
  await Promise.resolve()
  const second = sync()
  await expect(first).rejects.toThrow('EIO')
  await second
  await sync()
  expect(runs).toBe(3)
})
