/** The options of chunks and of resumable uploads: what is refused at start, and what the page is told. */
import { describe, expect, it } from 'vitest'
import type { PageFacts } from '../../../src/html/facts.ts'
import { createPage } from '../../../src/html/page.ts'
import { type DropgateOptions, dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { dropAreaConfig } from '../../../src/sansio/dropzone/config.ts'
import { defineDropArea } from '../../../src/sansio/dropzone/define.ts'
import type { DropAreaOptions } from '../../../src/sansio/dropzone/options.ts'
import { defineMessages } from '../../../src/sansio/messages.ts'
import { definePolicy, describePolicy } from '../../../src/sansio/policy/policy.ts'

const policy = describePolicy(definePolicy(), defineMessages())
const configOf = (dropArea: DropAreaOptions) => dropAreaConfig(defineDropArea(dropArea), policy, { tus: '/tus.js' })
const without = (): DropgateOptions['storage'] => {
  const storage = memoryStorage()
  const { create, append, commit, remove, stat } = storage
  return Object.fromEntries(
    Object.entries({ create, append, commit, remove, stat }).map(([name, verb]) => [name, verb.bind(storage)]),
  ) as unknown as DropgateOptions['storage']
}
const factsWith = (facts: Partial<PageFacts>): PageFacts => ({
  path: '/uploads',
  assets: { js: '/a.js', glue: '/b.js', css: '/c.css', tus: '/tus.js' },
  policy,
  dropArea: {},
  ...facts,
})

describe('chunks', () => {
  it('have 8 MiB if nothing is said', () => {
    expect(configOf({ chunking: true }).options).toMatchObject({ chunking: true, chunkSize: 8 * 1024 ** 2 })
  })

  it('are told to Dropzone in bytes, never as a text', () => {
    const options = { chunking: true, chunkSize: '1.5 MiB', parallelChunkUploads: 3, retryChunks: true } as const
    expect(configOf(options).options).toMatchObject({ ...options, chunkSize: 1_572_864 })
  })

  it('say nothing of their size while they are off', () => {
    expect(configOf({ chunkSize: '1 MiB' }).options).not.toHaveProperty('chunkSize')
  })

  it.each([
    [{ chunkSize: 0 }, 'dropArea.chunkSize'],
    [{ chunkSize: 1.5 }, 'dropArea.chunkSize'],
    [{ chunkSize: 'a lot' }, 'dropArea.chunkSize'],
    [{ chunkSize: '0 bytes' }, 'dropArea.chunkSize'],
    [{ parallelChunkUploads: 0 }, 'dropArea.parallelChunkUploads'],
    [{ retryChunksLimit: -1 }, 'dropArea.retryChunksLimit'],
    [{ chunking: true, uploadMultiple: true }, 'dropArea.chunking'],
    [{ chunking: true, binaryBody: true }, 'dropArea.chunking'],
    [{ resumable: true, uploadMultiple: true }, 'dropArea.resumable'],
    [{ resumable: true, binaryBody: true }, 'dropArea.resumable'],
  ])('are refused as %j', (options, name) => {
    expect(() => defineDropArea(options)).toThrow(expect.objectContaining({ message: expect.stringContaining(name) }))
  })
})

describe.each(['chunking', 'resumable'] as const)('%s', name => {
  it('is refused at start where the storage can not continue an upload', () => {
    const dropArea = { [name]: true }
    expect(() => dropgate({ storage: without(), dropArea, log: () => {} })).toThrow(`dropArea.${name}`)
    expect(() => dropgate({ storage: memoryStorage(), dropArea, log: () => {} })).not.toThrow()
  })

  it('is refused for one page, too', () => {
    expect(() => createPage(factsWith({})).config({ [name]: true })).toThrow(`config().${name}`)
    expect(() => createPage(factsWith({ resumable: true })).config({ [name]: true })).not.toThrow()
  })

  it('is not our business where the files go elsewhere', () => {
    expect(() => createPage(factsWith({})).config({ [name]: true, action: '/other' })).not.toThrow()
  })
})

describe('resumable', () => {
  it('tells the page its script, its texts and the size of a request', () => {
    expect(configOf({ resumable: true, chunkSize: '4 MiB', dictPause: 'Halt' }).resumable).toEqual({
      script: '/tus.js',
      chunkSize: 4 * 1024 ** 2,
      texts: {
        pause: 'Halt',
        resume: 'Resume',
        offline: 'You are offline. The upload goes on when you are back.',
        reconnecting: 'The connection was lost. Trying again.',
        continue: 'Continue',
        discard: 'Discard',
        unreadable: '{{name}} has changed or can not be read any more. Choose it again.',
      },
    })
  })

  it('tells nothing where it is off', () => {
    expect(configOf({})).not.toHaveProperty('resumable')
    expect(configOf({ resumable: true }).options).not.toHaveProperty('resumable')
  })
})
