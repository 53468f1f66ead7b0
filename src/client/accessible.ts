/** What Dropzone lacks for keyboards, touch and screen readers, added without replacing its previews. */
import type { ClientTexts } from '../sansio/dropzone/config.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** Milliseconds in which announcements are collected: one for a drop of twenty files, not twenty. */
const BATCH = 400

/** Makes files and their fate perceivable. Call it once, after Dropzone's own listeners are there. */
export function makeAccessible(dropzone: DropzoneInstance, texts: ClientTexts): void {
  dropzone.on('addedfile', (file: DropzoneFile) => completePreview(dropzone, file))
  dropzone.on('uploadprogress', (file: DropzoneFile, percent: number) => {
    file.previewElement?.querySelector('.dz-progress')?.setAttribute('aria-valuenow', String(Math.round(percent)))
  })
  for (const event of ['processing', 'complete']) {
    dropzone.on(event, (file: DropzoneFile) => nameRemoveButton(file))
  }
  const done = liveRegion(dropzone.element, 'status')
  const refused = liveRegion(dropzone.element, 'alert')
  dropzone.on('success', (file: DropzoneFile) => done(texts.uploaded.replace('{{name}}', () => file.name)))
  dropzone.on('error', (file: DropzoneFile, message: unknown) => refused(`${file.name}: ${String(message)}`))
  dropzone.on('waiting', (file: DropzoneFile, sentence: string) => {
    if (sentence !== '') done(`${file.name}: ${sentence}`)
  })
  dropzone.on('deleteerror', (_: DropzoneFile, sentence: string) => refused(sentence))
}

function completePreview(dropzone: DropzoneInstance, file: DropzoneFile): void {
  const preview = file.previewElement
  if (!preview) return
  const picture = preview.querySelector('.dz-image')
  picture?.setAttribute('data-extension', /[^.]\.([^.]{1,5})$/.exec(file.name)?.[1] ?? '')
  // The name stands beside the picture, and the live regions say what the marks say.
  for (const silent of [picture, ...preview.querySelectorAll('.dz-success-mark, .dz-error-mark')]) {
    silent?.setAttribute('aria-hidden', 'true')
  }
  const progress = preview.querySelector('.dz-progress')
  for (const [name, value] of Object.entries({ role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100' })) {
    progress?.setAttribute(name, value)
  }
  progress?.setAttribute('aria-label', file.name)
  if (file._removeLink) replaceRemoveLink(dropzone, file, file._removeLink)
}

/**
 * Dropzone's remove link is `<a href="javascript:…">`. A button takes its place; the link itself stays alive outside
 * the page and is clicked by the button, because its listener is where Dropzone asks and removes.
 */
function replaceRemoveLink(dropzone: DropzoneInstance, file: DropzoneFile, link: HTMLElement): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'dz-remove'
  button.append(...link.childNodes)
  button.addEventListener('click', event => {
    event.stopPropagation()
    const next = neighbour(file.previewElement)
    link.click()
    if (!button.isConnected) (next ?? dropzone.element.querySelector<HTMLElement>('.dz-button'))?.focus()
  })
  link.replaceWith(button)
  file._removeLink = button
  nameRemoveButton(file)
}

/** The remove button of the next file, or of the one before. */
function neighbour(preview: HTMLElement | null | undefined): HTMLElement | null {
  for (const other of [preview?.nextElementSibling, preview?.previousElementSibling]) {
    const button = other?.querySelector<HTMLElement>('.dz-remove')
    if (button) return button
  }
  return null
}

/** "Remove file photo.jpg": Dropzone changes the words, so the name is given again each time. */
function nameRemoveButton(file: DropzoneFile): void {
  file._removeLink?.setAttribute('aria-label', `${file._removeLink.textContent ?? ''} ${file.name}`)
}

/** A region that screen readers speak. It must be in the page before its text changes. */
function liveRegion(area: HTMLElement, role: 'status' | 'alert'): (sentence: string) => void {
  const region = document.createElement('div')
  region.className = 'dropgate-live'
  region.setAttribute('role', role)
  area.append(region)
  let sentences: string[] = []
  return sentence => {
    if (sentences.length === 0) {
      setTimeout(() => {
        region.replaceChildren(
          ...sentences.map(text => Object.assign(document.createElement('p'), { textContent: text })),
        )
        sentences = []
      }, BATCH)
    }
    sentences.push(sentence)
  }
}
