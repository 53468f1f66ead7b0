/** What both static scripts do: take Dropzone, offer `dropgate`, start when the page is there. */
import { configure } from './configure.ts'
import type { DropzoneClass } from './dropzone-like.ts'
import { start, whenReady } from './start.ts'

/** `window.dropgate`. */
export interface DropgateGlobal {
  readonly configure: typeof configure
  /** Starts drop areas that were added to the page later. */
  start(root?: ParentNode): void
}

export function boot(Dropzone: DropzoneClass): void {
  // Dropzone 5 would take every .dropzone by itself, without our options.
  if ('autoDiscover' in Dropzone) Dropzone.autoDiscover = false
  const dropgate: DropgateGlobal = { configure, start: root => void start(Dropzone, root) }
  Object.assign(window, { dropgate })
  whenReady(() => dropgate.start())
}
