/** What the requests of a tus upload carry, and the answer that tus itself does not give. */
import { isOurs, type Token } from './csrf.ts'
import { deleted } from './deletion.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'
import { Base64 } from './native.ts'

const tus = { 'Tus-Resumable': '1.0.0' }
/** Carries a finished file as JSON. */
const fileField = 'Dropgate-File'

/** Whether an answer means that there is no such upload; after any other refusal it may be there still. */
export function gone(status: number): boolean {
  return status === 404 || status === 410
}

/** Where a drop area's files go. */
export function endpointOf(dropzone: DropzoneInstance, ...files: DropzoneFile[]): string {
  const { url } = dropzone.options
  return new URL(typeof url === 'function' ? url.call(dropzone, files) : (url ?? ''), document.baseURI).href
}

/** The drop area's own headers, and the token where it belongs. */
export function headersFor(
  { options }: DropzoneInstance,
  token: Token | undefined,
  url: string,
): Record<string, string> {
  const own = Object.entries(options.headers ?? {})
  const others = own.filter(([name, value]) => value && name.toLowerCase() !== token?.header.toLowerCase())
  return { ...Object.fromEntries(others), ...(token && isOurs(url) ? { [token.header]: token.value } : {}) }
}

/**
 * `Upload-Metadata`: the name, the type, and the fields that a form would carry. Listeners of `sending` add theirs to a
 * form that is read out; a name that tus can not carry is left out, and of several values under one name the last goes.
 */
export function metadataOf(dropzone: DropzoneInstance, file: DropzoneFile, data: Blob, xhr: XMLHttpRequest): string {
  const form = new FormData()
  const { params } = dropzone.options
  const fields = typeof params === 'function' ? params.call(dropzone, [file], xhr, null) : params
  for (const [name, value] of Object.entries(fields ?? {})) {
    for (const text of Array.isArray(value) ? value : [value]) form.append(name, text)
  }
  dropzone.emit('sending', file, xhr, form)
  dropzone._addFormElementData(form)
  const metadata = new Map<string, string>()
  for (const [name, value] of form) {
    if (typeof value === 'string' && /^[!-+\--~]+$/.test(name)) metadata.set(name, value)
  }
  metadata.set('filename', file.upload?.filename ?? file.name)
  metadata.set('filetype', data.type)
  return [...metadata].map(([name, value]) => `${name} ${Base64.encode(value)}`).join(',')
}

/** What a server says of an upload, as a status; 0 is no answer. */
export async function statusOf(dropzone: DropzoneInstance, token: Token | undefined, url: string): Promise<number> {
  return (await headOf(dropzone, token, url))?.status ?? 0
}

/** Takes what has come of a file off the server. */
export function deleteUpload(dropzone: DropzoneInstance, token: Token | undefined, url: string): Promise<boolean> {
  const headers = { ...headersFor(dropzone, undefined, url), ...tus }
  return deleted(url, isOurs(url) ? token : undefined, headers)
}

/** A text, or the object of an answer in JSON, as Dropzone gives it to its handlers. */
export function answerOf(xhr: XMLHttpRequest): unknown {
  if (!xhr.getResponseHeader('content-type')?.includes('json')) return xhr.responseText
  return parsed(xhr.responseText) ?? ''
}

/** What is known of a file that is up. */
interface Known {
  readonly name: string
  readonly size: number
  readonly type: string
}

/**
 * The JSON that a form upload would have been answered with. tus has no room for it, so our server puts the file into a
 * field of its own: in the answer that finished the upload, and in each answer to HEAD behind it. Of servers that know
 * only tus, what is known.
 *
 * @param last the request that finished it, if it is known
 */
export async function finalAnswer(
  dropzone: DropzoneInstance,
  token: Token | undefined,
  url: string,
  known: Known,
  last: XMLHttpRequest | undefined,
): Promise<unknown> {
  // Of others no page may read the field, and browsers complain of the attempt.
  const told = isOurs(url)
    ? (last?.getResponseHeader(fileField) ?? (await headOf(dropzone, token, url))?.headers.get(fileField))
    : undefined
  const file = told ? parsed(told) : undefined
  return { files: [file ?? { id: url.slice(url.lastIndexOf('/') + 1), ...known }] }
}

function headOf(dropzone: DropzoneInstance, token: Token | undefined, url: string): Promise<Response | undefined> {
  const headers = { ...headersFor(dropzone, token, url), ...tus }
  return fetch(url, { method: 'HEAD', headers, cache: 'no-store' }).catch(() => undefined)
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
