/** Handles of dropped files: with one, a page can read a file again after a reload. Chromium has them. */
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** What TypeScript's DOM does not know yet (File System Access, section 2.1). */
export interface FileHandle extends FileSystemFileHandle {
  queryPermission?(how: { readonly mode: 'read' }): Promise<PermissionState>
  requestPermission?(how: { readonly mode: 'read' }): Promise<PermissionState>
}

interface HandleItem extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
}

type Found = readonly (readonly [FileHandle, File])[]

/**
 * Watches a drop area's drops.
 *
 * @returns the handle of a file; undefined for a chosen one, one from a folder, and where two of a drop look the same
 */
export function watchHandles(dropzone: DropzoneInstance): (file: DropzoneFile) => Promise<FileHandle | undefined> {
  const handles = new WeakMap<File, Promise<FileHandle | undefined>>()
  let dropped: Promise<Found> | undefined
  // Before Dropzone's own listener; the items are gone when the event is over.
  dropzone.element.addEventListener(
    'drop',
    event => {
      dropped = handlesIn(event.dataTransfer?.items ?? [])
      setTimeout(() => {
        dropped = undefined
      })
    },
    true,
  )
  dropzone.on('addedfile', (file: DropzoneFile) => {
    const handle = dropped?.then(found => {
      const alike = found.filter(([, other]) => isSame(file, other))
      return alike.length === 1 ? alike[0]?.[0] : undefined
    })
    if (handle) handles.set(file, handle)
  })
  return async file => handles.get(file)
}

/** As far as can be told without reading it. */
export function isSame(file: FileFacts, other: FileFacts): boolean {
  return file.name === other.name && file.size === other.size && file.lastModified === other.lastModified
}

/** What tells one file from another. */
export type FileFacts = Pick<File, 'name' | 'size' | 'lastModified'>

async function handlesIn(items: Iterable<HandleItem>): Promise<Found> {
  const files = [...items].filter(({ kind }) => kind === 'file')
  const found = await Promise.all(files.map(item => item.getAsFileSystemHandle?.()?.then(withFile, () => undefined)))
  return found.filter(pair => pair !== undefined)
}

async function withFile(handle: FileSystemHandle | null): Promise<readonly [FileHandle, File] | undefined> {
  if (handle?.kind !== 'file') return undefined
  const file = handle as FileHandle
  return [file, await file.getFile()]
}
