/** A file that is taken off the list is deleted on the server too. */
import type { ClientTexts } from '../sansio/dropzone/config.ts'
import { blamesToken, isOurs, type Token } from './csrf.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** What we read of a success. */
interface Kept {
  readonly files?: readonly { readonly deleteUrl?: unknown }[]
}

/**
 * Deletes what a person removes. Clearing the whole list and `destroy()` delete nothing: a page that goes away must not
 * take its uploads along.
 */
export function deleteOnRemove(dropzone: DropzoneInstance, texts: ClientTexts, token: Token | undefined): void {
  const urls = new WeakMap<DropzoneFile, string>()
  const remember = (files: readonly DropzoneFile[], answer: Kept | null) => {
    files.forEach((file, index) => {
      const url = answer?.files?.[index]?.deleteUrl
      if (typeof url === 'string' && isOurs(url)) urls.set(file, url)
    })
  }
  dropzone.on('success', (file: DropzoneFile, answer: Kept | null) => {
    if (!dropzone.options.uploadMultiple) remember([file], answer)
  })
  dropzone.on('successmultiple', remember)
  const removeAll = dropzone.removeAllFiles
  let clearing = false
  dropzone.removeAllFiles = cancel => {
    clearing = true
    try {
      return removeAll.call(dropzone, cancel)
    } finally {
      clearing = false
    }
  }
  dropzone.on('removedfile', (file: DropzoneFile) => {
    const url = urls.get(file)
    if (url === undefined || clearing) return
    void deleted(url, token).then(done => done || putBack(dropzone, file, texts.deleteFailed))
  })
}

/** Deletes a file, or an upload that is not finished. Gone already is as good as deleted. */
export async function deleted(
  url: string,
  token: Token | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const send = () => {
    const headers = { ...more, 'X-Requested-With': 'XMLHttpRequest', ...(token && { [token.header]: token.value }) }
    return fetch(url, { method: 'DELETE', headers, keepalive: true })
  }
  try {
    if (token?.isOld()) await token.refresh()
    let response = await send()
    const said = response.status === 400 ? await response.text() : ''
    if (token && blamesToken(response.status, said) && (await token.refresh())) response = await send()
    return response.ok || response.status === 404 || response.status === 410
  } catch {
    return false
  }
}

/** It is still on the server, so it stands in the list again, with the reason. */
function putBack(dropzone: DropzoneInstance, file: DropzoneFile, text: string): void {
  const sentence = text.replace('{{name}}', () => file.name)
  dropzone.files.push(file)
  const { previewElement: preview } = file
  const container = dropzone.previewsContainer ?? dropzone.element
  if (preview) {
    container.append(preview)
    preview.classList.add('dz-error')
    for (const node of preview.querySelectorAll('[data-dz-errormessage]')) node.textContent = sentence
  }
  dropzone.emit('deleteerror', file, sentence)
}
