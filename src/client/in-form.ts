/** A drop area inside a form of the page: the files go first, then the form. */
import type { DropzoneInstance } from './dropzone-like.ts'
import { allKept, sendAll, someWait } from './queue.ts'

/** Milliseconds in which a second submit is taken for the same click. */
const LEAVING = 2000

/** The form that a drop area is a part of; undefined for one that is a form itself. */
export function formAround(element: HTMLElement): HTMLFormElement | undefined {
  return element instanceof HTMLFormElement ? undefined : (element.closest('form') ?? undefined)
}

/**
 * Lets the form be submitted at once when no file is there, otherwise once, after all files are up. When one was
 * refused it is not submitted; the focus goes to the button that takes that file away.
 *
 * @param button id of an element that submits the form, if it has another than its own
 */
export function submitAfterUploads(dropzone: DropzoneInstance, form: HTMLFormElement, button?: string): void {
  /** What submitted the form; undefined while nobody waits. */
  let waiting: HTMLElement | null | undefined
  let leaving = false
  const leave = (event: SubmitEvent) => {
    leaving = true
    const stay = () => void (leaving = false)
    // Whether the page stays is up to its own listeners, who come after this one.
    setTimeout(() => (event.defaultPrevented ? stay() : setTimeout(stay, LEAVING)))
  }
  // First of all listeners: those of the page hear of the submit when it happens.
  const hold = (event: SubmitEvent) => {
    if (dropzone.files.length === 0) return
    if (!leaving && allKept(dropzone)) return leave(event)
    event.preventDefault()
    event.stopImmediatePropagation()
    if (leaving) return
    if (!someWait(dropzone)) return showRefused(dropzone)
    waiting = event.submitter
    sendAll(dropzone)
  }
  form.addEventListener('submit', hold, true)
  dropzone.on('queuecomplete', () => {
    if (waiting === undefined) return
    const submitter = waiting
    waiting = undefined
    if (!allKept(dropzone)) return showRefused(dropzone)
    // As a click does it, checks and listeners of the page included.
    form.requestSubmit(submitter?.isConnected ? submitter : null)
  })
  const other = button === undefined ? null : document.getElementById(button)
  if (other && !submits(other, form)) other.addEventListener('click', () => form.requestSubmit())
}

function submits(element: HTMLElement, form: HTMLFormElement): boolean {
  return (
    (element instanceof HTMLButtonElement || element instanceof HTMLInputElement) &&
    element.form === form &&
    (element.type === 'submit' || element.type === 'image')
  )
}

function showRefused({ element }: DropzoneInstance): void {
  const refused = element.querySelector<HTMLElement>('.dz-error')
  refused?.scrollIntoView({ block: 'nearest' })
  refused?.querySelector<HTMLElement>('.dz-remove')?.focus()
}
