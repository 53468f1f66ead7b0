/** The file of the bytes. */
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { misuse } from '../errors.ts'
import type { FileSystem } from '../file-system.ts'
import { createFlags } from '../folder.ts'

const noFollow = constants.O_NOFOLLOW ?? 0

const flags = {
  new: createFlags,
  write: constants.O_RDWR | noFollow,
  read: constants.O_RDONLY | noFollow,
} as const

/** Opens a data file or record file: as a new one, to work on, or to read. */
export function openData(fs: FileSystem, path: string, mode: number, how: keyof typeof flags): Promise<FileHandle> {
  return fs.open(path, flags[how], mode)
}

/** Up to `length` bytes; fewer at the end of the file only. */
export async function readUpTo(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const { size } = await handle.stat()
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)))
  let done = 0
  while (done < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, done, bytes.byteLength - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/** Cuts off what is beyond `size`, writes the bytes out, closes. */
export async function sealData(fs: FileSystem, path: string, size: number, durable: boolean): Promise<void> {
  const handle = await openData(fs, path, 0, 'write')
  try {
    const found = await handle.stat()
    if (found.size < size) throw misuse(`the upload has ${found.size} bytes, not ${size}`)
    if (found.size > size) await handle.truncate(size)
    if (durable) await handle.sync()
  } finally {
    await handle.close()
  }
}
