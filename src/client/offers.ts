/** The list of files that wait for a click to go on, in the drop area. */
import type { ResumableTexts } from '../sansio/dropzone/config.ts'
import type { DropzoneInstance } from './dropzone-like.ts'

/** What the buttons of a file do. */
interface Deeds {
  readonly goOn: () => void
  readonly discard: () => void
}

interface Named {
  readonly url: string
  readonly name: string
}

export class Offers {
  readonly #dropzone: DropzoneInstance
  readonly #texts: ResumableTexts
  readonly #list = document.createElement('ul')
  readonly #items = new Map<string, HTMLElement>()

  constructor(dropzone: DropzoneInstance, texts: ResumableTexts) {
    this.#dropzone = dropzone
    this.#texts = texts
    this.#list.className = 'dropgate-unfinished'
  }

  /** "Continue film.mp4", and a way to be rid of it. */
  add({ url, name }: Named, { goOn, discard }: Deeds): void {
    const { continue: text } = this.#texts
    this.#show(url, [button(`${text} ${name}`, goOn), this.#discardButton(name, discard)])
  }

  /** It can not go on: the file is another one now, or away. */
  fail({ url, name }: Named, discard: () => void): void {
    const sentence = document.createElement('p')
    sentence.textContent = this.#texts.unreadable.replace('{{name}}', () => name)
    sentence.setAttribute('role', 'alert')
    this.#show(url, [sentence, this.#discardButton(name, discard)])
  }

  remove(url: string): void {
    const item = this.#items.get(url)
    if (!item) return
    const focused = item.contains(document.activeElement)
    item.remove()
    this.#items.delete(url)
    if (this.#items.size === 0) this.#list.remove()
    if (!focused) return
    const next = this.#list.querySelector('button') ?? this.#dropzone.element.querySelector<HTMLElement>('.dz-button')
    next?.focus()
  }

  #show(url: string, parts: readonly HTMLElement[]): void {
    const item = this.#items.get(url) ?? document.createElement('li')
    item.replaceChildren(...parts)
    this.#items.set(url, item)
    this.#list.append(item)
    if (!this.#list.isConnected) (this.#dropzone.previewsContainer ?? this.#dropzone.element).append(this.#list)
  }

  #discardButton(name: string, discard: () => void): HTMLElement {
    const { discard: text } = this.#texts
    const element = button(text, discard)
    element.setAttribute('aria-label', `${text} ${name}`)
    return element
  }
}

function button(text: string, act: () => void): HTMLElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = text
  element.addEventListener('click', event => {
    // A click on the area would open the file picker.
    event.stopPropagation()
    act()
  })
  return element
}
