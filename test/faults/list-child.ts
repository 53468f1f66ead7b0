/**
 * A process that kills itself right before its n-th call of the file system.
 * `node list-child.ts commit|prepare <folder> <n>`; with n = 0 it lives, and says how many calls there were.
 */
import type { FileHandle } from 'node:fs/promises'
import { type FileSystem, nodeFileSystem } from '../../src/storages/disk/file-system.ts'
import { openDiskStorage } from '../../src/storages/disk/storage.ts'

const [what, folder = '', last = '0'] = process.argv.slice(2)
let calls = 0
let counting = what === 'prepare'

function count(): void {
  if (counting && ++calls === Number(last)) process.kill(process.pid, 'SIGKILL')
}

/** Everything that changes the disk, or makes a change durable, is a call. */
const counted = new Set(['link', 'rename', 'unlink', 'mkdir', 'open', 'writev', 'sync', 'datasync', 'truncate'])

function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get(from, property) {
      const value: unknown = Reflect.get(from, property, from)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (counted.has(String(property))) count()
        const result: unknown = Reflect.apply(value, from, args)
        if (property !== 'open') return result
        return (result as Promise<FileHandle>).then(handle => watched(handle))
      }
    },
  })
}

const fileSystem: FileSystem = watched({ ...nodeFileSystem })
const storage = openDiskStorage(folder, {}, fileSystem)
await storage.prepare()
if (what === 'commit') {
  const list = ['one', 'two', 'three'].map(name => ({ id: `${name}-`.padEnd(30, 'x'), name: `${name}.bin` }))
  for (const { id, name } of list) {
    await storage.create({ id, name, type: '' })
    await storage.append(id, 0, [Buffer.alloc(10_000, name)])
  }
  counting = true
  await storage.commit(list)
}
process.stdout.write(String(calls))
