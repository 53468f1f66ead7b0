/** The short form of `npm run soak`; with DROPGATE_SOAK=long it is the long one. */
import { expect, test } from 'vitest'
import { type CrowdReport, crowd, p99 } from './crowd.ts'

const MiB = 1024 * 1024
/** Descriptors of an honest upload that is just being closed. */
const others = 2
const tooSlow = '408 The upload was too slow.'

function expectSentAway({ answers, left, good }: CrowdReport, connections: number, honest: number): void {
  expect([...answers]).toEqual([[tooSlow, connections]])
  expect(left).toEqual([])
  expect(good).toHaveLength(honest)
}

test.runIf(process.platform === 'linux')(
  'row 31: 400 slow senders are sent away in words; honest uploads go on among them',
  async () => {
    const connections = 400
    const report = await crowd({ connections, windowMs: 4_000, dripMs: 500, good: 50 })
    expectSentAway(report, connections, 50)
    expect(report.descriptors).toBeLessThanOrEqual(connections + others)
    expect(report.memory / connections).toBeLessThan(64 * 1024)
  },
  60_000,
)

if (process.env.DROPGATE_SOAK === 'long')
  test('10,000 slow senders cost little, and honest uploads stay quick', async () => {
    const connections = 10_000
    const report = await crowd({ connections, windowMs: 60_000, dripMs: 10_000, good: 500 })
    console.log(
      `${connections} slow senders: ${Math.round(report.memory / MiB)} MiB above idle, ${report.descriptors} descriptors;`,
      `500 honest uploads: median ${report.good[250]?.toFixed(1)} ms, p99 ${p99(report.good).toFixed(1)} ms`,
    )
    expectSentAway(report, connections, 500)
    expect(report.descriptors).toBeLessThanOrEqual(connections + others)
    // Node's own request and answer take 14 KiB of it.
    expect(report.memory / connections).toBeLessThan(48 * 1024)
    expect(p99(report.good)).toBeLessThan(100)
  }, 300_000)
