import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Traveller, UnderWay } from '../../../src/upload/under-way.ts'

class One implements Traveller {
  place = -1
}

test('holds what was added and not yet deleted, whatever the order', () => {
  const step = fc.record({ add: fc.boolean(), which: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const all = Array.from({ length: 10 }, () => new One())
      const underWay = new UnderWay<One>()
      const model = new Set<One>()
      for (const { add, which } of steps) {
        const one = all[which] as One
        if (!add) {
          underWay.delete(one)
          model.delete(one)
        } else if (!model.has(one)) {
          underWay.add(one)
          model.add(one)
        }
        expect(underWay.size).toBe(model.size)
        expect(new Set(underWay)).toEqual(model)
      }
    }),
  )
})

test('who is in one set is not taken out of another', () => {
  const [here, there] = [new UnderWay<One>(), new UnderWay<One>()]
  const [one, other] = [new One(), new One()]
  here.add(one)
  there.add(other)
  there.delete(one)
  expect([...there]).toEqual([other])
})

test.each(['those seen', 'all'])('each is seen once while %s are deleted', whom => {
  const underWay = new UnderWay<One>()
  const all = Array.from({ length: 20 }, () => new One())
  for (const one of all) underWay.add(one)
  const seen: One[] = []
  for (const one of underWay) {
    seen.push(one)
    if (whom === 'all') for (const each of all) underWay.delete(each)
    else underWay.delete(one)
  }
  expect(seen).toEqual(whom === 'all' ? [all.at(-1)] : all.reverse())
  expect(underWay.size).toBe(0)
})
