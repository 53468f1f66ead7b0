import { describe, expect, it } from 'vitest'
import { nativeMultipartTools } from '../../../../src/upload/native-tools.ts'
import { type BodyFixture, bodies } from '../../../bodies/index.ts'
import { byteByByte, expectedOutcome, feed, inChunks, type Outcome } from './feed.ts'

/** Parts that were complete before an error may differ in nothing; how much of a refused part came out may. */
function comparable(outcome: Outcome): unknown {
  if (!outcome.error) return outcome
  return { error: outcome.error, events: outcome.events.map(e => (typeof e === 'object' && !e.ended ? e.part : e)) }
}

describe.each([
  ['with plain tools', undefined],
  ['with native tools', nativeMultipartTools],
])('the corpus of bodies %s', (_, tools) => {
  it.each(bodies.map(fixture => [fixture.title, fixture] as const))('%s', (_title, fixture: BodyFixture) => {
    const { boundary, body } = fixture
    const options = { limits: fixture.limits, tools }
    const whole = feed(boundary, [body], options)
    const expected = expectedOutcome(fixture)
    if (typeof expected === 'string') expect(whole.error).toBe(expected)
    else expect(whole).toEqual(expected)

    const reference = JSON.stringify(comparable(whole))
    const same = (how: string, chunks: Iterable<Uint8Array>) => {
      const outcome = JSON.stringify(comparable(feed(boundary, chunks, options)))
      if (outcome !== reference) expect.fail(`${how}: ${outcome} instead of ${reference}`)
    }
    same('byte by byte', byteByByte(body))
    same(
      'with empty chunks between',
      [...byteByByte(body)].flatMap(byte => [new Uint8Array(0), byte]),
    )
    for (const size of [7, boundary.length - 1, boundary.length, boundary.length + 4]) {
      same(`in chunks of ${size}`, inChunks(body, Math.max(size, 1)))
    }
    for (let cut = 1; cut < body.length; cut++) same(`cut at ${cut}`, [body.subarray(0, cut), body.subarray(cut)])
  })
})

describe('a good body of the corpus cut short', () => {
  it.each(bodies.filter(b => typeof b.expected !== 'string').map(b => [b.title, b] as const))(
    '%s',
    (_title, fixture) => {
      const { boundary, body } = fixture
      const close = body.lastIndexOf(`--${boundary}--`) + boundary.length + 4
      const hasPreamble = fixture.title.includes('preamble')
      for (let cut = 0; cut < close; cut++) {
        const { error, events } = feed(boundary, [body.subarray(0, cut)], { limits: fixture.limits })
        // Before the first delimiter nobody can tell a preamble from a body that is no multipart at all.
        if (hasPreamble && events.length === 0 && error === 'malformed-multipart') continue
        if (error !== 'ended-early' || events.includes('end')) expect.fail(`cut at ${cut}: ${error}`)
      }
    },
  )
})
