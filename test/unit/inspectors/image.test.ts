import { describe, expect, it } from 'vitest'
import { imageLimit } from '../../../src/inspect.ts'
import { pictures } from '../sansio/sniff/pictures.ts'
import { inspected, verdictOf } from './inspected.ts'

describe('imageLimit', () => {
  it.each(Object.entries(pictures))('%s: 16,000 x 16,000 pixels pass, 30,000 x 30,000 do not', async (format, make) => {
    // These two hold no larger sides than 16,383.
    const large = /^webpLoss/.test(format) ? 16_383 : 30_000
    const inspector = imageLimit({ maxPixels: 16_000 ** 2 })
    expect(await verdictOf(inspector, inspected(make(16_000, 16_000)).file)).toBe('accepted')
    const { file, counts } = inspected(Buffer.concat([make(large, large), Buffer.alloc(5_000_000)]))
    expect(await verdictOf(inspector, file)).toBe('image-too-large')
    expect(counts.bytes).toBeLessThan(70_000)
  })

  it('says how large it is', async () => {
    const { file } = inspected(pictures.png(30_000, 30_000))
    await expect((async () => imageLimit().inspect(file, {} as never))()).rejects.toThrow(
      'The image is too large (30000 x 30000 pixels).',
    )
  })

  it('knows a limit of a side', async () => {
    expect(await verdictOf(imageLimit(), inspected(pictures.png(70_000, 1)).file)).toBe('image-too-large')
    expect(await verdictOf(imageLimit({ maxSide: 100 }), inspected(pictures.gif(101, 1)).file)).toBe('image-too-large')
    expect(() => imageLimit({ maxPixels: 0 })).toThrow('imageLimit.maxPixels')
  })

  it('refuses a picture that hides its size, and lets other files pass', async () => {
    expect(await verdictOf(imageLimit(), inspected(pictures.jpeg(9, 9).subarray(0, 30)).file)).toBe('content-mismatch')
    expect(await verdictOf(imageLimit(), inspected(Buffer.from('some text')).file)).toBe('accepted')
  })
})
