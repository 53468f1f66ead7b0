/** What is refused in the browser, and in which words refusals are shown. */
import { fileTooBigText } from '../sansio/bytes/size.ts'
import type { ClientTexts } from '../sansio/dropzone/config.ts'
import { isAccepted } from '../sansio/policy/accept.ts'
import type { DropzoneFile, DropzoneInstance, DropzoneOptions } from './dropzone-like.ts'

/**
 * Replaces Dropzone's checks by those of the server: same limits, same rules, same sentences. Read from the options at
 * each file, so that a page may still change them.
 */
export function checkAsTheServer(dropzone: DropzoneInstance): void {
  dropzone.accept = (file, done) => {
    const { options } = dropzone
    const refusal = refusalOf(file, options)
    if (refusal !== undefined) return done(refusal)
    const { maxFiles } = options
    if (typeof maxFiles === 'number' && dropzone.getAcceptedFiles().length >= maxFiles) {
      done((options.dictMaxFilesExceeded ?? '').replace('{{maxFiles}}', String(maxFiles)))
      dropzone.emit('maxfilesexceeded', file)
      return
    }
    if (options.accept) options.accept.call(dropzone, file, done)
    else done()
  }
}

function refusalOf(file: DropzoneFile, options: DropzoneOptions): string | undefined {
  // Dropzone's unit is MiB, and a division by 1024² is exact: this is the server's own number of bytes.
  const max = options.maxFilesize ? options.maxFilesize * 1024 ** 2 : Number.POSITIVE_INFINITY
  if (file.size > max) return fileTooBigText(options.dictFileTooBig ?? '', file.size, max)
  const accept = (options.acceptedFiles ?? '').split(',').filter(entry => entry !== '')
  return isAccepted(accept, file) ? undefined : (options.dictInvalidFileType ?? '')
}

/**
 * Makes every refusal one sentence before any listener or the page sees it: no "Server responded with 0 code.", no
 * "[object Object]", no source of an HTML page that a proxy put in between.
 */
export function sayItInWords(dropzone: DropzoneInstance, texts: ClientTexts): void {
  const original = dropzone._errorProcessing
  if (!original) return
  dropzone._errorProcessing = (files, message, xhr) =>
    original.call(dropzone, files, sentenceOf(message, xhr, dropzone.options, texts), xhr)
}

function sentenceOf(
  message: unknown,
  xhr: XMLHttpRequest | undefined,
  options: DropzoneOptions,
  texts: ClientTexts,
): string {
  if (xhr?.status === 0) return String(message).startsWith('Request timedout') ? texts.timeout : texts.networkError
  const said = typeof message === 'object' && message !== null && 'error' in message ? message.error : message
  const html = /\bhtml\b/i.test(xhr?.getResponseHeader('content-type') ?? '')
  if (typeof said === 'string' && said.trim() !== '' && !html) return said
  return (options.dictResponseError ?? '').replace('{{statusCode}}', String(xhr?.status ?? ''))
}

/**
 * A picture that can not be drawn is no refusal: the file may be fine, as a HEIC photo is. Dropzone 6 and 7 would mark
 * it as failed, and write over the reason of a file that was refused. Here the sentence is the picture's tooltip.
 */
export function tellThumbnailErrorsApart(dropzone: DropzoneInstance): void {
  const { emit } = dropzone
  dropzone.emit = (event, ...args) => {
    const [file, message, xhr] = args as [DropzoneFile, unknown, XMLHttpRequest?]
    const isThumbnail = event === 'error' && !xhr && Boolean(message) && message === dropzone.options.dictThumbnailError
    if (!isThumbnail) return emit.call(dropzone, event, ...args)
    file.previewElement?.querySelector('.dz-image')?.setAttribute('title', String(message))
    return dropzone
  }
}
