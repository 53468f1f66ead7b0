/** Uploads that survive: Dropzone keeps queue and previews, tus carries the bytes. Its script is loaded only then. */
import type { ResumableConfig } from '../sansio/dropzone/config.ts'
import type { Token } from './csrf.ts'
import type { DropzoneFile, DropzoneInstance } from './dropzone-like.ts'

/** What an area's uploads can be told. */
export interface Transport {
  /** Sends a file, from where it was left. */
  send(file: DropzoneFile): void
  /** Holds a file, or all that are on their way; they keep their place in the queue. */
  pause(file?: DropzoneFile): void
  /** Goes on with a paused file, or all of them. */
  resume(file?: DropzoneFile): void
}

/** `dropgate-tus.js`, a module. */
export interface TransportModule {
  tusTransport(dropzone: DropzoneInstance, config: ResumableConfig, token: Token | undefined): Transport
}

const transports = new WeakMap<HTMLElement, Transport>()

/** Sends the files of a drop area with tus, or as without it where the script for it does not come. */
export function sendResumably(dropzone: DropzoneInstance, config: ResumableConfig, token: Token | undefined): void {
  const { uploadFiles: sendWhole } = dropzone
  const loading = load(config.script).then(
    module => {
      const transport = module.tusTransport(dropzone, config, token)
      transports.set(dropzone.element, transport)
      return transport
    },
    (error: unknown) => console.warn('Dropgate sends files without tus:', error),
  )
  dropzone.uploadFiles = files => {
    // Dropzone 5 takes all files without a request for one group, and cancels them together.
    for (const file of files) file.xhr = { abort: () => {} } as XMLHttpRequest
    void loading.then(transport => {
      const rest = files.filter(({ status }) => status === 'uploading')
      if (transport) rest.forEach(transport.send)
      else if (rest.length > 0) sendWhole.call(dropzone, rest)
    })
  }
}

/** `import()` and no element: it needs neither a nonce nor a Trusted Types policy. */
function load(script: string): Promise<TransportModule> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ new URL(script, document.baseURI).href)
}

/**
 * Pauses the uploads of a drop area that is `resumable`. What the server has stays there.
 *
 * @param id of the drop area
 * @param file one of them; all when omitted
 * @example dropgate.pause('myDropzone')
 */
export function pause(id: string, file?: DropzoneFile): void {
  transportOf(id)?.pause(file)
}

/** Goes on with what {@link pause} has held. */
export function resume(id: string, file?: DropzoneFile): void {
  transportOf(id)?.resume(file)
}

function transportOf(id: string): Transport | undefined {
  const element = document.getElementById(id)
  return element ? transports.get(element) : undefined
}
