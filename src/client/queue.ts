/** When files are sent, and what happens when all are through. */
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** Whether there are files and all of them are up. `queuecomplete` says neither: it also comes after refusals. */
export function allKept({ files }: DropzoneInstance): boolean {
  return files.length > 0 && files.every(file => file.status === 'success')
}

/** Whether a file still has its way before it. */
export function someWait({ files }: DropzoneInstance): boolean {
  const checking = ({ status, accepted }: DropzoneFile) => status === 'added' && accepted === undefined
  return files.some(file => file.status === 'queued' || file.status === 'uploading' || checking(file))
}

/**
 * Without `autoProcessQueue`, one `processQueue()` sends all that waits and not only the first `parallelUploads`; it
 * waits again for what comes after.
 */
export function sendWholeQueue(dropzone: DropzoneInstance): void {
  dropzone.on('processing', () => {
    dropzone.options.autoProcessQueue = true
  })
  dropzone.on('queuecomplete', () => {
    dropzone.options.autoProcessQueue = false
  })
}

/** Sends all that waits, also what is still being checked. */
export function sendAll(dropzone: DropzoneInstance): void {
  if (!someWait(dropzone)) return
  dropzone.options.autoProcessQueue = true
  dropzone.processQueue()
}

/** Sends on a click on the element with this id. */
export function sendOnClick(dropzone: DropzoneInstance, id: string): void {
  const button = document.getElementById(id)
  if (!button) console.error(`Dropgate found no element with the id "${id}" that starts the upload.`)
  button?.addEventListener('click', event => {
    event.preventDefault()
    sendAll(dropzone)
  })
}

/** Leaves the page when every file is kept. */
export function redirectWhenAllIsWell(dropzone: DropzoneInstance, url: string): void {
  dropzone.on('queuecomplete', () => {
    if (allKept(dropzone)) location.assign(url)
  })
}
