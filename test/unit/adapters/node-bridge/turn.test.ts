import { beforeEach, expect, test, vi } from 'vitest'

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

let turn: typeof import('../../../../src/adapters/node-bridge/turn.ts')
/** What was done, in order. */
let done: string[]
const note = (what: string) => () => void done.push(what)

beforeEach(async () => {
  vi.resetModules()
  turn = await import('../../../../src/adapters/node-bridge/turn.ts')
  done = []
})

test('a request alone waits for nothing, and neither does its answer', async () => {
  for (const name of ['a', 'b', 'c']) {
    turn.endWithOthers(note(name))
    turn.answerWithOthers(note(`${name}!`))
    expect(done.splice(0)).toEqual([name, `${name}!`])
    await nextTurn()
  }
})

test('after a turn of several, those of the next turn go on in a row, and so do their answers', async () => {
  turn.endWithOthers(note('a'))
  turn.endWithOthers(note('b'))
  expect(done.splice(0)).toEqual(['a', 'b'])
  await nextTurn()
  turn.endWithOthers(() => {
    done.push('c')
    turn.answerWithOthers(note('c!'))
  })
  turn.endWithOthers(() => {
    done.push('d')
    turn.answerWithOthers(note('d!'))
  })
  expect(done).toEqual([])
  await nextTurn()
  expect(done.splice(0)).toEqual(['c', 'd'])
  await nextTurn()
  expect(done).toEqual(['c!', 'd!'])
})

test('what comes while the answers wait joins them', async () => {
  turn.endWithOthers(note('a'))
  turn.endWithOthers(note('b'))
  await nextTurn()
  turn.answerWithOthers(note('a!'))
  turn.endWithOthers(note('c'))
  expect(done.splice(0)).toEqual(['a', 'b'])
  await nextTurn()
  expect(done).toEqual(['a!', 'c'])
})

test('nothing waits any more when requests have come one by one for a while', async () => {
  turn.endWithOthers(note('a'))
  turn.endWithOthers(note('b'))
  await nextTurn()
  done = []
  let turns = 0
  for (let waited = true; waited; turns++) {
    turn.endWithOthers(note('c'))
    waited = done.length === 0
    await nextTurn()
    done = []
  }
  expect(turns).toBeGreaterThan(2)
  expect(turns).toBeLessThan(100)
})

test('turns without a request that ends tell nothing', async () => {
  turn.endWithOthers(note('a'))
  turn.endWithOthers(note('b'))
  for (let count = 0; count < 100; count++) {
    await nextTurn()
    turn.answerWithOthers(() => {})
  }
  await nextTurn()
  done = []
  turn.endWithOthers(note('c'))
  expect(done).toEqual([])
  await nextTurn()
  expect(done).toEqual(['c'])
})
