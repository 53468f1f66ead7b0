/** The port can be kept by a storage that can neither rename nor append: it must stay so. */
import { describe, expect, test } from 'vitest'
import { resumableChecks } from '../../src/testing/storage-resumable-checks.ts'
import { type StorageHarness, testStorage } from '../../src/testing.ts'
import { Bucket, S3RulesStorage } from './s3-rules.ts'

async function make(): Promise<StorageHarness> {
  const bucket = new Bucket()
  return {
    storage: new S3RulesStorage(bucket),
    async readBack(name) {
      const holder = await bucket.get(`names/${name}`)
      return holder && bucket.get(`data/${new TextDecoder().decode(holder)}`)
    },
    async visible() {
      return (await bucket.keys('names/')).map(key => key.slice('names/'.length))
    },
    async cleanup() {
      expect((await bucket.keys('rest/')).length).toBeLessThanOrEqual(bucket.unfinished)
    },
  }
}

describe('a storage with the rules of S3', () => {
  const skipped = new Set([
    'resolves a commit when it is durable',
    'reads an open upload',
    'lists the committed files, newest first',
    'reads a committed file',
    'reads a part of a committed file',
    'deletes a committed file',
    'deletes only the file of the tag',
    'stores at another place',
    ...resumableChecks.map(([name]) => name),
  ])
  for (const { name, run } of testStorage(make)) {
    test(name, async () => {
      expect(await run()).toBe(skipped.has(name) ? 'skipped' : 'passed')
    })
  }

  test('the bucket refuses short parts, so the rules are real', async () => {
    const bucket = new Bucket()
    await bucket.createMultipart('a')
    await bucket.uploadPart('a', 1, new Uint8Array(1000))
    await bucket.uploadPart('a', 2, new Uint8Array(1000))
    await expect(bucket.complete('a')).rejects.toThrow('EntityTooSmall')
  })
})
