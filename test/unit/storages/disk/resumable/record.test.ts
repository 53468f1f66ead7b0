import { expect, test } from 'vitest'
import { newRecordFile, nextSlot, readRecordFile } from '../../../../../src/storages/disk/resumable/record.ts'

/** The file after a save, of which only the first `count` bytes reached the disk. */
function saved(file: Uint8Array, record: string, count = Number.POSITIVE_INFINITY): Uint8Array {
  const read = readRecordFile(file)
  const slot = nextSlot(read, record)?.bytes as Uint8Array
  const after = Uint8Array.from(file)
  after.set(slot.subarray(0, count), read.nextAt)
  return after
}

const recordIn = (file: Uint8Array) => readRecordFile(file).current?.record

test('saves take turns in two slots and the newest is read', () => {
  let file = newRecordFile('first')
  for (const record of ['second', '', 'träge', 'x'.repeat(3000), 'y']) {
    file = saved(file, record)
    expect(recordIn(file)).toBe(record)
    expect(file.byteLength).toBe(8192)
  }
})

test('what a save says of the file is what is read from it afterwards', () => {
  let file = newRecordFile('first')
  for (const record of ['second', 'third', '']) {
    const after = nextSlot(readRecordFile(file), record)?.after
    file = saved(file, record)
    expect(readRecordFile(file)).toEqual(after)
  }
})

test('a save cut off after any byte leaves the old record or gives the new one', () => {
  const before = saved(saved(newRecordFile('0'), 'the oldest, long enough to shine through'), 'the old one')
  const whole = nextSlot(readRecordFile(before), 'the new record')?.bytes.byteLength as number
  for (let count = 0; count < whole; count++)
    expect(recordIn(saved(before, 'the new record', count))).toBe('the old one')
  expect(recordIn(saved(before, 'the new record', whole))).toBe('the new record')
})

test('after a save that was cut off, the next goes over the spoiled slot', () => {
  const before = saved(newRecordFile('first'), 'second')
  const torn = saved(before, 'third', 20)
  const file = saved(torn, 'fourth', 15)
  expect(recordIn(file)).toBe('second')
  expect(recordIn(saved(file, 'fifth'))).toBe('fifth')
})

test('a flipped bit is noticed', () => {
  const file = newRecordFile('record')
  for (const at of [0, 16, 23, 27, 28, 33]) {
    const spoiled = Uint8Array.from(file)
    spoiled[at] = (spoiled[at] as number) ^ 4
    expect(recordIn(spoiled), `byte ${at}`).toBeUndefined()
  }
})

test.each([0, 1, 27, 100, 8191])('a file of %i bytes has no record', length => {
  expect(recordIn(new Uint8Array(length))).toBeUndefined()
})

test('slots begin at multiples of 4 KiB and are as large as the record needs', () => {
  expect(newRecordFile('x'.repeat(4096 - 28)).byteLength).toBe(2 * 4096)
  expect(newRecordFile('x'.repeat(4096 - 27)).byteLength).toBe(4 * 4096)
  expect(recordIn(newRecordFile('x'.repeat(100_000)))).toHaveLength(100_000)
  expect(nextSlot(readRecordFile(newRecordFile('')), 'x'.repeat(5000))).toBeUndefined()
})
