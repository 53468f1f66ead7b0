/** What the page is told of a file on its way. */
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

export class Notices {
  readonly #dropzone: DropzoneInstance
  readonly #file: DropzoneFile
  readonly #total: number
  #shown = 0
  /** Why it stands still, as it was told last. */
  #said = ''

  constructor(dropzone: DropzoneInstance, file: DropzoneFile, total: number) {
    this.#dropzone = dropzone
    this.#file = file
    this.#total = total
  }

  /** Bytes that went out; after a cut some of them count again, but nobody wants to see that. */
  progress(sent: number): void {
    this.waiting('')
    if (sent > this.#shown) this.#tell(sent)
  }

  done(): void {
    this.#tell(this.#total)
  }

  /** Why it stands still; an empty text when it does not. */
  waiting(sentence: string): void {
    if (sentence !== this.#said) this.emit('waiting', sentence)
    this.#said = sentence
  }

  emit(event: string, ...args: unknown[]): void {
    this.#dropzone.emit(event, this.#file, ...args)
  }

  #tell(sent: number): void {
    this.#shown = sent
    const total = this.#total
    const progress = total === 0 ? 100 : (100 * sent) / total
    if (this.#file.upload) Object.assign(this.#file.upload, { progress, total, bytesSent: sent })
    this.emit('uploadprogress', progress, sent)
  }
}
