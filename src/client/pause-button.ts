/** What a file that can be paused shows beside its progress. */
import type { ResumableTexts } from '../sansio/dropzone/config.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** Adds "Pause photo.jpg" to the file's preview, as long as it is on its way. */
export function addPauseButton(
  dropzone: DropzoneInstance,
  file: DropzoneFile,
  texts: ResumableTexts,
  does: { pause(file: DropzoneFile): void; resume(file: DropzoneFile): void },
): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'dropgate-pause'
  let paused = false
  const show = (now: boolean) => {
    paused = now
    button.textContent = paused ? texts.resume : texts.pause
    button.setAttribute('aria-label', `${button.textContent} ${file.name}`)
  }
  show(false)
  button.addEventListener('click', event => {
    // A click on the area would open the file picker.
    event.stopPropagation()
    if (paused) does.resume(file)
    else does.pause(file)
  })
  file.previewElement?.append(button)
  const change = (to: boolean) => (other: DropzoneFile) => {
    if (other === file) show(to)
  }
  dropzone.on('paused', change(true))
  dropzone.on('resumed', change(false))
  const end = (other: DropzoneFile) => {
    if (other !== file) return
    showWaiting(file)
    const focused = document.activeElement === button
    button.remove()
    if (!focused) return
    const next = file._removeLink ?? dropzone.element.querySelector<HTMLElement>('.dz-button')
    next?.focus()
  }
  dropzone.on('complete', end)
  dropzone.on('canceled', end)
}

/** Why a file stands still; nothing when it does not. */
export function showWaiting(file: DropzoneFile, sentence = ''): void {
  const { previewElement: preview } = file
  const old = preview?.querySelector('.dropgate-waiting')
  if (sentence === '') {
    old?.remove()
    return
  }
  const line = old ?? document.createElement('p')
  line.className = 'dropgate-waiting'
  line.textContent = sentence
  preview?.append(line)
}
