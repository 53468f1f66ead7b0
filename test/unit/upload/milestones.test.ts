import { expect, test } from 'vitest'
import type { ResumableStorage } from '../../../src/upload/ports.ts'
import { Milestones } from '../../../src/upload/resumable-milestones.ts'

const MiB = 1024 * 1024

/** Milestones of an upload whose saves are under way until the test ends them, in their order. */
function started() {
  const saves: { offset: number; end: (error?: Error) => void }[] = []
  const told: number[] = []
  const save: ResumableStorage['save'] = (_id, record) =>
    new Promise((resolve, reject) => {
      saves.push({ offset: JSON.parse(record).offset, end: error => (error ? reject(error) : resolve()) })
    })
  const record = { id: 'a', offset: 0 }
  const settings = { storage: { save }, expiry: { touch: () => ({}) } }
  const at = { settings, record, bytes: { onProgress: (offset: number) => told.push(offset) } }
  const milestones = new Milestones(at as unknown as ConstructorParameters<typeof Milestones>[0])
  return { milestones, record, saves, told }
}

/** Whether a promise settles within a turn of the event loop. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const done = () => {
    settled = true
  }
  promise.then(done, done)
  await new Promise(resolve => setImmediate(resolve))
  return settled
}

test('a milestone is saved beside the next writes, and told when it is durable', async () => {
  const { milestones, saves, told } = started()
  await milestones.reached(8 * MiB - 1)
  expect(saves).toEqual([])
  await milestones.reached(8 * MiB)
  await milestones.beside(Promise.resolve())
  await milestones.reached(16 * MiB - 1)
  expect([saves.length, told]).toEqual([1, []])
  saves[0]?.end()
  await milestones.settle()
  expect([saves[0]?.offset, told]).toEqual([8 * MiB, [8 * MiB]])
})

test('the next milestone waits for the last one', async () => {
  const { milestones, saves } = started()
  await milestones.reached(9 * MiB)
  const next = milestones.reached(17 * MiB)
  expect(await isSettled(next)).toBe(false)
  expect(saves.length).toBe(1)
  saves[0]?.end()
  await next
  expect(saves.map(({ offset }) => offset)).toEqual([9 * MiB, 17 * MiB])
})

test('settle waits for a save under way', async () => {
  const { milestones, saves } = started()
  await milestones.reached(8 * MiB)
  const settled = milestones.settle()
  expect(await isSettled(settled)).toBe(false)
  saves[0]?.end()
  await settled
})

test('a save that fails ends the upload at the next write, and once more when it settles', async () => {
  const { milestones, saves } = started()
  await milestones.reached(8 * MiB)
  saves[0]?.end(new Error('the disk is gone'))
  await isSettled(milestones.settle())
  await expect(milestones.beside(Promise.resolve())).rejects.toThrow('the disk is gone')
  await expect(milestones.reached(16 * MiB)).rejects.toThrow('the disk is gone')
  await expect(milestones.settle()).rejects.toThrow('the disk is gone')
  expect(saves.length).toBe(1)
})

test('where a write fails because a save did, the save tells the reason', async () => {
  const { milestones, saves } = started()
  await milestones.reached(8 * MiB)
  const written = milestones.beside(Promise.reject(new Error('a save failed before')))
  expect(await isSettled(written)).toBe(false)
  saves[0]?.end(new Error('the disk is gone'))
  await expect(written).rejects.toThrow('the disk is gone')
})

test('a write that fails by itself tells its own reason', async () => {
  const { milestones, saves } = started()
  await milestones.reached(8 * MiB)
  const written = milestones.beside(Promise.reject(new Error('no room')))
  saves[0]?.end()
  await expect(written).rejects.toThrow('no room')
})
