import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileLocker } from '../../src/disk.ts'
import { memoryLocker } from '../../src/memory.ts'
import { testLocker } from '../../src/testing.ts'

describe('the memory locker', () => {
  for (const { name, run } of testLocker(async options => ({ locker: memoryLocker(options) }))) {
    test(name, async () => {
      expect(await run()).toBe(name === 'locks between two lockers of one place' ? 'skipped' : 'passed')
    })
  }
})

describe('the file locker', () => {
  const checks = testLocker(async options => {
    const folder = await mkdtemp(join(tmpdir(), 'dropgate-locks-'))
    return {
      locker: fileLocker(folder, options),
      other: fileLocker(folder, options),
      async cleanup() {
        const left = await readdir(folder)
        await rm(folder, { recursive: true })
        expect(left, 'files left by a check').toEqual([])
      },
    }
  })
  for (const { name, run } of checks) test(name, async () => expect(await run()).toBe('passed'))
})
