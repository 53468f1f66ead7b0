import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findBytes } from '../../../../src/sansio/bytes/find.ts'
import { NeedleSearch } from '../../../../src/sansio/multipart/needle-search.ts'

const boundaries = ['a', '-', 'aaaaaaaa', 'abcab', '----x', 'a'.repeat(70)]

/** Chunks of needles, near-needles and their letters, small or (with a long filler) large. */
const cases = fc.constantFrom(...boundaries).chain(boundary => {
  const needle = `\r\n--${boundary}`
  const pieces = [
    '\r',
    '\n',
    '-',
    ' ',
    '\t',
    'a',
    'x',
    needle,
    `${needle}!`,
    `${needle} !`,
    needle.slice(0, -1),
    'a'.repeat(80),
  ]
  return fc.record({
    needle: fc.constant(needle),
    text: fc
      .tuple(
        fc.array(fc.constantFrom(...pieces), { maxLength: 10 }),
        fc.constantFrom('', 'x'.repeat(5000), 'a'.repeat(5000)),
      )
      .chain(([list, filler]) => fc.nat(10).map(at => [...list.slice(0, at), filler, ...list.slice(at)].join(''))),
    from: fc.nat(100),
    suspicious: fc.boolean(),
  })
})

it('never misses a place where a delimiter may begin and never reports a place without the needle', () => {
  fc.assert(
    fc.property(cases, ({ needle, text, from, suspicious }) => {
      const search = new NeedleSearch(Buffer.from(needle), findBytes)
      const found = search.next(Buffer.from(text), from, suspicious)
      if (found >= 0) expect(text.startsWith(needle, found) && found >= from).toBe(true)
      const end = found < 0 ? text.length : found
      for (let at = text.indexOf(needle, from); at >= 0 && at < end; at = text.indexOf(needle, at + 1)) {
        const after = text.slice(at + needle.length)
        if (/^(?:$|-$|--|[ \t]*(?:$|\r$|\r\n))/.test(after)) expect.fail(`missed ${at} of ${JSON.stringify(text)}`)
      }
    }),
    { numRuns: 5000 },
  )
})

describe('calls of the native search', () => {
  const needle = Buffer.from('\r\n--boundary')
  const delimiter = '\r\n--boundary\r\n'

  /** How often it is called until `text` is read to its end, and the places found. */
  function search(text: string, from: number, suspicious = false) {
    let calls = 0
    const search = new NeedleSearch(needle, (...given) => {
      calls++
      return findBytes(...given)
    })
    const chunk = Buffer.from(text)
    const found: number[] = []
    for (
      let at = search.next(chunk, from, suspicious);
      at >= 0;
      at = search.next(chunk, at + needle.length, suspicious)
    )
      found.push(at)
    return { calls, found: found.length }
  }

  it('one for many small parts: only the first search of a body', () => {
    expect(search(`.${`${'x'.repeat(1500)}${delimiter}`.repeat(100)}`, 1)).toEqual({ calls: 1, found: 100 })
  })

  it('none for false delimiters, however many', () => {
    expect(search('\r\n--boundary!'.repeat(5000), 1, true)).toEqual({ calls: 0, found: 0 })
  })

  it('one for a large chunk of one part, from its beginning or behind its head', () => {
    expect(search('x'.repeat(65_536), 0)).toEqual({ calls: 1, found: 0 })
    expect(search('x'.repeat(65_536), 200)).toEqual({ calls: 1, found: 0 })
  })

  it('one for content through which the search here would crawl', () => {
    expect(search('y'.repeat(1500), 0)).toEqual({ calls: 1, found: 0 })
  })
})
