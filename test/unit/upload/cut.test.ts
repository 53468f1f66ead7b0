import { expect, test } from 'vitest'
import { Cut } from '../../../src/upload/cut.ts'

const never = new Promise<never>(() => {})

test('what comes before the cut counts', async () => {
  const cut = new Cut()
  const read = cut.before(Promise.resolve('read'))
  await read
  cut.make(new Error('too late'))
  await expect(read).resolves.toBe('read')
  await expect(cut.before(Promise.reject(new Error('its own')))).rejects.toThrow('too late')
})

test('a failure of the work itself is told as it is', async () => {
  await expect(new Cut().before(Promise.reject(new Error('its own')))).rejects.toThrow('its own')
})

test.each(['before', 'after'])(
  'work that is begun %s the cut is refused with its reason, the first one',
  async when => {
    const cut = new Cut()
    const reading = when === 'before' ? cut.before(never) : undefined
    cut.make(new Error('first'))
    cut.make(new Error('second'))
    await expect(reading ?? cut.before(never)).rejects.toThrow('first')
  },
)

test('work that fails after the cut does so unheard', async () => {
  const cut = new Cut()
  const reading = cut.before(new Promise((_, reject) => setTimeout(() => reject(new Error('unheard')), 5)))
  cut.make(new Error('cut'))
  await expect(reading).rejects.toThrow('cut')
  // An unhandled rejection would fail this run.
  await new Promise(resolve => setTimeout(resolve, 20))
})

test.each(['before', 'after'])('a signal that is asked for %s the cut aborts with its reason', when => {
  const cut = new Cut()
  const early = when === 'before' ? cut.signal : undefined
  expect(early?.aborted ?? false).toBe(false)
  cut.make(new Error('first'))
  cut.make(new Error('second'))
  expect(cut.signal.aborted).toBe(true)
  expect(early ?? cut.signal).toBe(cut.signal)
  expect((cut.signal.reason as Error).message).toBe('first')
})
