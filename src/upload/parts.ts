/** What protocols hand upwards: the fields and files of one request, in the order in which they arrive. */

/** Takes the bytes of one file. */
export interface FileSink {
  /**
   * A promise means "wait before the next span".
   * @param lent `keep` follows, if there is one, before the span's chunk is let go of
   */
  write(span: Uint8Array, lent?: boolean): undefined | Promise<void>
  /** The chunk of the spans that were lent is let go of: what shall stay of it is to be copied now. */
  keep?(): void
  /** All bytes are there. */
  end(): undefined | Promise<void>
}

/** A file before its bytes, as the sender declares it. */
export interface IncomingFile {
  /** The form field, `''` for a raw body. */
  readonly field: string
  /** As it came, uncleaned; `''` if none was given. */
  readonly filename: string
  /** Lower case without parameters, `''` if none. */
  readonly type: string
  /** 0-based position among the files of the request. */
  readonly index: number
  /** Exact bytes, if the protocol tells before the end. */
  readonly size?: number | undefined
  /** Bytes of the body that follow this file's head, if the length of the body is known. */
  readonly remaining?: number | undefined
}

/** What to do with what arrives. */
export interface PartHandlers {
  onField(name: string, value: string): void
  /** The sink for this file's bytes, at once or later; throws or rejects to refuse the request. */
  onFile(file: IncomingFile): FileSink | Promise<FileSink>
}

/** The text fields of a form: the first value of each name, and all of them by `getAll`. Any name is safe as a key. */
export class FormFields extends Map<string, string> {
  /** The values behind the first one, of names that came more than once. */
  #more: Map<string, string[]> | undefined

  /** Adds a value as the form's next field. */
  append(name: string, value: string): void {
    if (!this.has(name)) {
      this.set(name, value)
      return
    }
    this.#more ??= new Map()
    const values = this.#more.get(name)
    if (values) values.push(value)
    else this.#more.set(name, [value])
  }

  /** All values of a repeated field, in order. */
  getAll(name: string): readonly string[] {
    const first = this.get(name)
    return first === undefined ? [] : [first, ...(this.#more?.get(name) ?? [])]
  }
}
