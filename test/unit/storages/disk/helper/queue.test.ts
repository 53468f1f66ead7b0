/** Both sides of the ring in one thread: what is posted by one object is done by the other, when the test says so. */
import { expect, test } from 'vitest'
import { JobKind, JobQueue, maxJobBytes, places } from '../../../../../src/storages/disk/helper/queue.ts'

interface Done {
  readonly kind: number
  readonly mode: number
  readonly from: string
  readonly to: string
  readonly bytes: readonly number[]
}

/** The event loop's side, and the thread's. */
function ring(): { readonly loop: JobQueue; readonly thread: JobQueue } {
  const loop = new JobQueue()
  return { loop, thread: new JobQueue(loop.memory) }
}

/** Does one job; what it was like, copied out of the shared memory. */
function doOne(thread: JobQueue, result = ''): Done {
  let seen: Done | undefined
  thread.doNext(({ kind, mode, from, to, bytes }) => {
    seen = { kind, mode, from, to, bytes: [...bytes] }
    return result
  })
  return seen as Done
}

/** Does one job, which fails. */
function failOne(thread: JobQueue): void {
  thread.doNext(() => {
    throw new Error('as a full disk would')
  })
}

const nothing: readonly Uint8Array[] = []

test('a job arrives as it was posted', () => {
  const { loop, thread } = ring()
  loop.post(JobKind.write, '/in/file', '', 0o640, [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])
  loop.post(JobKind.move, '/in/file', '/out/file', 0, nothing)
  expect(doOne(thread)).toEqual({ kind: JobKind.write, mode: 0o640, from: '/in/file', to: '', bytes: [1, 2, 3] })
  expect(doOne(thread)).toEqual({ kind: JobKind.move, mode: 0, from: '/in/file', to: '/out/file', bytes: [] })
})

test('jobs are done, and their results taken, in the order in which they were posted', () => {
  const { loop, thread } = ring()
  const posted = ['a', 'b', 'c'].map(name => loop.post(JobKind.unlink, name, '', 0, nothing))
  expect(loop.takeDone()).toBeUndefined()
  expect(['1', '2', '3'].map(result => doOne(thread, result).from)).toEqual(['a', 'b', 'c'])
  const taken = [loop.takeDone(), loop.takeDone(), loop.takeDone()]
  expect(taken).toEqual(posted)
  expect(taken.map(place => loop.resultAt(place as number))).toEqual(['1', '2', '3'])
  expect(loop.takeDone()).toBeUndefined()
})

test('it counts what is not done and what is not taken', () => {
  const { loop, thread } = ring()
  const counts = () => [loop.undone, loop.untaken]
  expect(counts()).toEqual([0, 0])
  for (const name of ['a', 'b']) loop.post(JobKind.unlink, name, '', 0, nothing)
  expect(counts()).toEqual([2, 2])
  doOne(thread)
  expect(counts()).toEqual([1, 2])
  loop.takeDone()
  expect(counts()).toEqual([1, 1])
})

test('a full ring refuses, also when all is done but nothing was taken', () => {
  const { loop, thread } = ring()
  const post = () => loop.post(JobKind.unlink, 'a', '', 0, nothing)
  const posted = Array.from({ length: places }, post)
  expect(new Set(posted).size).toBe(places)
  expect(post()).toBeUndefined()
  for (let count = 0; count < places; count++) doOne(thread)
  expect(post()).toBeUndefined()
  expect(loop.takeDone()).toBe(posted[0])
  expect(post()).toBe(posted[0])
  expect(post()).toBeUndefined()
})

test('places are used again, with nothing left of the job before', () => {
  const { loop, thread } = ring()
  for (let round = 0; round < 5 * places; round++) {
    // Each is shorter than the one before at its place.
    const name = 'n'.repeat(200 - round)
    const bytes = new Uint8Array(200 - round).fill(round)
    const place = loop.post(JobKind.link, name, `${name}.to`, round, [bytes])
    expect(place).toBe(round % places)
    const wanted = { kind: JobKind.link, mode: round, from: name, to: `${name}.to`, bytes: [...bytes] }
    expect(doOne(thread, `r${round}`)).toEqual(wanted)
    expect(loop.takeDone()).toBe(place)
    expect(loop.resultAt(place as number)).toBe(`r${round}`)
  }
})

test('a failure is forgotten when its place is used again, and so is a result', () => {
  const { loop, thread } = ring()
  const results: (string | undefined)[] = []
  for (let round = 0; round < 4 * places; round++) {
    loop.post(JobKind.unlink, 'a', '', 0, nothing)
    if (round < places || round >= 3 * places) failOne(thread)
    else doOne(thread, 'tag')
    results.push(loop.resultAt(loop.takeDone() as number))
  }
  expect(results.map(result => result ?? 'failed')).toEqual([
    ...new Array(places).fill('failed'),
    ...new Array(2 * places).fill('tag'),
    ...new Array(places).fill('failed'),
  ])
})

test('a job that fails has no result, and its bytes can be had back', () => {
  const { loop, thread } = ring()
  loop.post(JobKind.write, 'a', '', 0, [Uint8Array.of(1, 2, 3)])
  failOne(thread)
  const place = loop.takeDone() as number
  expect(loop.resultAt(place)).toBeUndefined()
  expect([...loop.bytesAt(place)]).toEqual([1, 2, 3])
})

test('a job without a word to say has the empty result, which is no failure', () => {
  const { loop, thread } = ring()
  loop.post(JobKind.unlink, 'a', '', 0, nothing)
  doOne(thread, '')
  expect(loop.resultAt(loop.takeDone() as number)).toBe('')
})

test('the bytes are copied when a job is posted', () => {
  const { loop, thread } = ring()
  const span = Uint8Array.of(1, 2, 3)
  loop.post(JobKind.write, 'a', '', 0, [span])
  span.fill(9)
  expect(doOne(thread).bytes).toEqual([1, 2, 3])
})

test('what is had back does not change when its place is used again', () => {
  const { loop, thread } = ring()
  const place = loop.post(JobKind.write, 'a', '', 0, [Uint8Array.of(1, 2, 3)]) as number
  failOne(thread)
  loop.takeDone()
  const back = loop.bytesAt(place)
  for (let count = 0; count < places; count++) {
    loop.post(JobKind.write, 'a', '', 0, [Uint8Array.of(7, 7, 7)])
    doOne(thread)
    loop.takeDone()
  }
  expect([...back]).toEqual([1, 2, 3])
  // Not the shared memory: that is written to again.
  expect(back.buffer).toBeInstanceOf(ArrayBuffer)
})

test('a job holds as many bytes as a small file, and its neighbours keep theirs', () => {
  const { loop, thread } = ring()
  const sizes = [3, maxJobBytes, 5]
  for (const [index, size] of sizes.entries())
    loop.post(JobKind.write, 'a', '', 0, [new Uint8Array(size).fill(index + 1)])
  for (const [index, size] of sizes.entries()) {
    const { bytes } = doOne(thread)
    expect(bytes.length).toBe(size)
    expect(bytes.every(byte => byte === index + 1)).toBe(true)
  }
})

test.each(['Übergrößenträger.txt', '日本語の名前.pdf', '👩‍👩‍👧.png', 'e\u0301.txt', 'a b\n"c".txt'])(
  'the name %j arrives whole, from and to',
  name => {
    const { loop, thread } = ring()
    loop.post(JobKind.link, `/a/${name}`, `/b/${name}`, 0, nothing)
    expect(doOne(thread)).toMatchObject({ from: `/a/${name}`, to: `/b/${name}` })
  },
)

test('paths that may be too long are refused, and take no place', () => {
  const { loop, thread } = ring()
  // 2,048 bytes each; no character of JavaScript's needs more than three.
  const most = 682
  const [long, tooLong] = ['語'.repeat(most), 'x'.repeat(most + 1)]
  expect(loop.post(JobKind.link, tooLong, 'a', 0, nothing)).toBeUndefined()
  expect(loop.post(JobKind.link, 'a', tooLong, 0, nothing)).toBeUndefined()
  expect(loop.untaken).toBe(0)
  expect(loop.post(JobKind.link, long, long, 0, nothing)).toBe(0)
  expect(doOne(thread)).toMatchObject({ from: long, to: long })
})

test('what was not done can be taken all the same, in order, once the thread is gone', () => {
  const { loop, thread } = ring()
  const posted = ['a', 'b', 'c'].map((name, index) => loop.post(JobKind.write, name, '', 0, [Uint8Array.of(index)]))
  doOne(thread)
  const taken = [loop.takeDone(), loop.takeAny(), loop.takeAny()]
  expect(taken).toEqual(posted)
  expect(taken.map(place => [...loop.bytesAt(place as number)])).toEqual([[0], [1], [2]])
  expect(loop.takeAny()).toBeUndefined()
  expect(loop.takeDone()).toBeUndefined()
})

/** Waits by `whenDone`; returns whether it has called back, or does so soon. */
function watch(loop: JobQueue): () => Promise<boolean> {
  let called = false
  expect(loop.whenDone(() => (called = true))).toBe(true)
  return async () => {
    // The engine tells of a change of shared memory by a task of its own.
    for (let turn = 0; turn < 20 && !called; turn++) await new Promise(resolve => setTimeout(resolve, 5))
    return called
  }
}

test('whoever waits is called once something is done', async () => {
  const { loop, thread } = ring()
  loop.post(JobKind.unlink, 'a', '', 0, nothing)
  const isCalled = watch(loop)
  expect(await isCalled()).toBe(false)
  doOne(thread)
  expect(await isCalled()).toBe(true)
  expect(loop.takeDone()).toBe(0)
})

test('nobody has to wait where something is done already', () => {
  const { loop, thread } = ring()
  for (const name of ['a', 'b']) loop.post(JobKind.unlink, name, '', 0, nothing)
  doOne(thread)
  expect(loop.whenDone(() => {})).toBe(false)
  loop.takeDone()
  expect(loop.whenDone(() => {})).toBe(true)
})

test('a failure is something done', async () => {
  const { loop, thread } = ring()
  loop.post(JobKind.unlink, 'a', '', 0, nothing)
  const isCalled = watch(loop)
  failOne(thread)
  expect(await isCalled()).toBe(true)
})

test('of many jobs whoever waits is called after the fourth, and after the last', async () => {
  const { loop, thread } = ring()
  for (let count = 0; count < 6; count++) loop.post(JobKind.unlink, 'a', '', 0, nothing)
  const first = watch(loop)
  for (let count = 0; count < 3; count++) doOne(thread)
  expect(await first()).toBe(false)
  doOne(thread)
  expect(await first()).toBe(true)
  for (let count = 0; count < 4; count++) expect(loop.takeDone()).toBe(count)
  const second = watch(loop)
  doOne(thread)
  expect(await second()).toBe(false)
  doOne(thread)
  expect(await second()).toBe(true)
})

test.each([
  ['2^31', 2 ** 31],
  ['2^32', 2 ** 32],
])('the thread counts on past %s jobs', (_, jobs) => {
  const { loop, thread } = ring()
  for (let count = 0; count < places; count++) loop.post(JobKind.unlink, `job ${count}`, '', 0, nothing)
  // Nobody can post so many in a test, so the two counters at the front are set: jobs posted, and jobs done.
  const words = new Int32Array(loop.memory, 0, 2)
  words[0] = (jobs + 2) | 0
  words[1] = (jobs - 1) | 0
  expect(doOne(thread).from).toBe(`job ${places - 1}`)
  expect(words[1]).toBe(jobs | 0)
  expect(doOne(thread).from).toBe('job 0')
  expect(doOne(thread).from).toBe('job 1')
  expect(words[1]).toBe((jobs + 2) | 0)
})
