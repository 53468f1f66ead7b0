/** What we use of Dropzone, so that 5.9, 6.3 and 7 all fit. */

/** A file as Dropzone hands it on: the browser's, with Dropzone's own notes. */
export interface DropzoneFile extends File {
  status: string
  /** Undefined while it is being checked. */
  accepted?: boolean
  /** The request that started last. */
  xhr?: XMLHttpRequest
  previewElement?: HTMLElement | null
  upload?: UploadState
  /** The remove link, when `addRemoveLinks` is on. */
  _removeLink?: HTMLElement
}

/** How far a file is. */
export interface UploadState {
  readonly filename: string
  /** Percent. */
  progress?: number
  /** Bytes. */
  total?: number
  /** Bytes. */
  bytesSent?: number
  /** Whether the file goes in chunks. */
  chunked?: boolean
  readonly totalChunkCount?: number
  /** One for each that has begun. */
  readonly chunks?: readonly (Chunk | undefined)[]
  /** Called with each chunk that is up, and the answer to it. */
  finishedChunkUpload?: (chunk: unknown, answer: unknown) => void
}

/** A piece of a file. */
export interface Chunk {
  /** Gone once it is up. */
  readonly xhr?: XMLHttpRequest | null
  readonly dataBlock: unknown
  retries: number
}

/** Fields sent beside the files. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

/** The options we read or replace; all others are passed through. */
export interface DropzoneOptions {
  [name: string]: unknown
  url?: string | null | ((files: DropzoneFile[], blocks?: unknown) => string)
  headers?: Readonly<Record<string, string>> | null
  binaryBody?: boolean
  uploadMultiple?: boolean
  addRemoveLinks?: boolean
  autoProcessQueue?: boolean
  retryChunks?: boolean | undefined
  retryChunksLimit?: number
  timeout?: number | null | ((files: DropzoneFile[]) => number)
  withCredentials?: boolean
  transformFile?: (file: DropzoneFile, done: (data: Blob) => void) => void
  clickable?: unknown
  acceptedFiles?: string | null
  maxFilesize?: number | null
  maxFiles?: number | null
  dictDefaultMessage?: string
  dictFallbackMessage?: string
  dictFileTooBig?: string
  dictInvalidFileType?: string
  dictMaxFilesExceeded?: string
  dictResponseError?: string
  dictThumbnailError?: string
  params?: Fields | ((files: DropzoneFile[], xhr: XMLHttpRequest, chunk: unknown) => Fields | undefined) | null
  accept?: (file: DropzoneFile, done: Done) => void
}

/** Called with nothing to accept, with a sentence to refuse. */
export type Done = (refusal?: string) => void

/** A listener of one of Dropzone's events; its arguments depend on the event. */
export type Listener = (...args: never[]) => void

/** A running drop area. */
export interface DropzoneInstance {
  readonly element: HTMLElement
  readonly files: DropzoneFile[]
  readonly options: DropzoneOptions
  accept(file: DropzoneFile, done: Done): void
  addFile(file: File): unknown
  getAcceptedFiles(): DropzoneFile[]
  on(event: string, listener: Listener): unknown
  emit(event: string, ...args: unknown[]): unknown
  processQueue(): unknown
  removeAllFiles(cancel?: boolean): unknown
  destroy(): unknown
  readonly previewsContainer?: HTMLElement
  /** Bytes as HTML. */
  filesize(bytes: number): string
  /** Not public, but there in 5.9, 6.3 and 7: where every refusal passes on its way to the page. */
  _errorProcessing?: (files: DropzoneFile[], message: unknown, xhr?: XMLHttpRequest) => unknown
  /** Not public either: where each request begins, and where each failed one passes. */
  _uploadData: (files: DropzoneFile[], blocks: readonly unknown[]) => unknown
  _handleUploadError: (files: DropzoneFile[], xhr: XMLHttpRequest, answer?: unknown) => unknown
  /** Nor these: where files begin, each answer passes and a success ends, and the parts of a request. */
  uploadFiles: (files: DropzoneFile[]) => unknown
  _finishedUploading: (files: DropzoneFile[], xhr: XMLHttpRequest, event?: unknown) => unknown
  _finished: (files: DropzoneFile[], answer: unknown, event?: unknown) => unknown
  _getChunk(file: DropzoneFile, xhr: XMLHttpRequest): Chunk | undefined
  _getParamName(index: number): string
  _addFormElementData(data: FormData): void
}

/** Dropzone itself. Loose, because the typings of 5, 6 and 7 differ; what it makes is used as {@link DropzoneInstance}. */
export interface DropzoneClass {
  new (element: HTMLElement, options: never): object
  /** Dropzone 5 only: look for `.dropzone` by itself. */
  autoDiscover?: boolean
}
