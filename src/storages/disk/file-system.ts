/** The part of `node:fs/promises` that the disk storage uses. A parameter, so that tests can watch it or make it fail. */
import * as promises from 'node:fs/promises'

/** Internal seam; see `openDiskStorage`. */
export type FileSystem = Pick<
  typeof promises,
  'open' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'readdir' | 'lstat' | 'stat'
>

/** The real one. */
export const nodeFileSystem: FileSystem = promises
