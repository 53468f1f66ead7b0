/** What Dropzone's chunks lack: the answer with the file, time between two tries, and an end when a file is given up. */
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { waitAfter } from './retry.ts'

/** Milliseconds before a chunk is sent again; the last one for all further tries. */
const delays = [1_000, 3_000, 5_000] as const

/** Makes files that go in chunks end well, or end. */
export function mendChunks(dropzone: DropzoneInstance): void {
  giveTheAnswerWithTheFile(dropzone)
  waitBeforeRetries(dropzone)
  stopWithTheFile(dropzone)
  sendEmptyFiles(dropzone)
}

/** Dropzone gives the answer to the request that ended last; the file stands in that of the request which completed it. */
function giveTheAnswerWithTheFile(dropzone: DropzoneInstance): void {
  const { _finishedUploading: finish } = dropzone
  const answers = new WeakMap<DropzoneFile, unknown>()
  dropzone._finishedUploading = (files, xhr, event) => {
    const [file] = files
    const finished = file?.upload?.finishedChunkUpload
    if (!file?.upload?.chunked || !finished) return finish.call(dropzone, files, xhr, event)
    file.upload.finishedChunkUpload = (chunk, answer) => {
      if (hasFiles(answer)) answers.set(file, answer)
      finished(chunk, answers.get(file) ?? answer)
    }
    try {
      finish.call(dropzone, files, xhr, event)
    } finally {
      file.upload.finishedChunkUpload = finished
    }
  }
}

function hasFiles(answer: unknown): boolean {
  const files = typeof answer === 'object' && answer !== null && 'files' in answer ? answer.files : undefined
  return Array.isArray(files) && files.length > 0
}

/** Dropzone's `retryChunks` sends at once, refused chunks too. */
function waitBeforeRetries(dropzone: DropzoneInstance): void {
  const { _handleUploadError: fail } = dropzone
  dropzone._handleUploadError = (files, xhr, answer) => {
    const [file] = files
    const chunk = file?.upload?.chunked ? dropzone._getChunk(file, xhr) : undefined
    if (!file || !chunk) return fail.call(dropzone, files, xhr, answer)
    // Another chunk of it has failed for good.
    if (file.status !== 'uploading') return
    const { retryChunks, retryChunksLimit = delays.length } = dropzone.options
    const wait = waitAfter(xhr, delays[chunk.retries] ?? delays[2])
    if (retryChunks && wait !== undefined && chunk.retries < retryChunksLimit) {
      chunk.retries++
      setTimeout(() => {
        if (file.status === 'uploading' && chunk.dataBlock) dropzone._uploadData(files, [chunk.dataBlock])
      }, wait)
      return
    }
    dropzone.options.retryChunks = false
    try {
      fail.call(dropzone, files, xhr, answer)
    } finally {
      dropzone.options.retryChunks = retryChunks
    }
  }
}

/** Dropzone goes on with the other chunks of a file that failed and, in 5 and 7, of one that was cancelled. */
function stopWithTheFile(dropzone: DropzoneInstance): void {
  const stop = ({ status, upload }: DropzoneFile) => {
    if (status === 'uploading') return
    for (const chunk of upload?.chunks ?? []) chunk?.xhr?.abort()
  }
  dropzone.on('canceled', stop)
  dropzone.on('error', stop)
}

/** Dropzone 5 cuts an empty file into no chunks, and waits for them. */
function sendEmptyFiles(dropzone: DropzoneInstance): void {
  const { uploadFiles: send } = dropzone
  dropzone.uploadFiles = files => {
    send.call(dropzone, files)
    const [file] = files
    if (!file?.upload?.chunked || file.upload.totalChunkCount !== 0) return
    file.upload.chunked = false
    dropzone._uploadData(files, [{ name: dropzone._getParamName(0), data: file, filename: file.upload.filename }])
  }
}
