import { expect, test } from 'vitest'
import { heldEach } from './held.ts'

const KiB = 1024
const senders = 2_000

test.runIf(process.platform === 'linux')(
  'row 31: a sender that stops after its first KiB takes one descriptor and little memory',
  async () => {
    const [held, idle] = [await heldEach('uploads', senders), await heldEach('idle', senders)]
    expect(held.descriptors).toBeCloseTo(1, 1)
    // For a connection of a server that does nothing Node 20 itself takes 6 to 7 KiB, and Node 24 10 to 12.
    const limit = idle.memory < 8 * KiB ? 16 * KiB : idle.memory + 13 * KiB
    expect(held.memory).toBeLessThan(limit)
    if (process.env.DROPGATE_SOAK !== 'long') return
    console.log(`${(held.memory / KiB).toFixed(1)} KiB each, of which ${(idle.memory / KiB).toFixed(1)} are Node's own`)
  },
  60_000,
)
