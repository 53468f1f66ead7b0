import { describe, expect, it } from 'vitest'
import { imageSize } from '../../../../src/sansio/sniff/image-size.ts'
import { sniff } from '../../../../src/sansio/sniff/sniff.ts'
import { pictures } from './pictures.ts'

/** The size, and how often more than the head was asked for. */
async function sizeOf(bytes: Uint8Array, headSize = 65_536) {
  let reads = 0
  const read = async (offset: number, length: number) => {
    reads++
    return bytes.subarray(offset, offset + length)
  }
  const size = await imageSize(sniff(bytes)?.type ?? '', bytes.subarray(0, headSize), read)
  return { size, reads }
}

describe('imageSize', () => {
  it.each(Object.entries(pictures))('%s', async (_format, make) => {
    for (const [width, height] of [
      [1, 2],
      [640, 480],
      [16_000, 9_000],
    ] as const) {
      expect((await sizeOf(make(width, height))).size).toEqual({ width, height })
      expect((await sizeOf(make(width, height), 64)).size).toEqual({ width, height })
    }
  })

  it('finds the frame of a JPEG behind any metadata, reading no more than headers', async () => {
    const frame = pictures.jpeg(300, 200).subarray(2)
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0xff, 0xff]), Buffer.alloc(65_533)])
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array(40).fill(segment), frame])
    const { size, reads } = await sizeOf(bytes)
    expect(size).toEqual({ width: 300, height: 200 })
    expect(reads).toBeLessThan(45)
  })

  it('says nothing of what has no size, and comes to an end', async () => {
    const endless = Buffer.alloc(200_000, Buffer.from([0xff, 0xe1, 0, 2]))
    endless.set([0xff, 0xd8, 0xff, 0xe0, 0, 2])
    expect((await sizeOf(endless)).size).toBeUndefined()
    for (const [, make] of Object.entries(pictures)) {
      const whole = make(100, 100)
      for (let length = 12; length < whole.length; length += 3) await sizeOf(whole.subarray(0, length))
      for (let at = 12; at < whole.length; at++) {
        const broken = Uint8Array.from(whole)
        broken[at] = 0xff
        await sizeOf(broken)
      }
    }
    expect((await sizeOf(pictures.png(0, 10))).size).toBeUndefined()
  })
})
