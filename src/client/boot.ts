/** What both static scripts do: take Dropzone, offer `dropgate`, start when the page is there. */
import { configure, type DropAreaFunctions } from './configure.ts'
import type { DropzoneClass } from './dropzone-like.ts'
import { pause, resume } from './resumable.ts'
import { reportLost, start, whenReady } from './start.ts'

/** `window.dropgate`. */
export interface DropgateGlobal {
  readonly configure: typeof configure
  /**
   * `configure()` for scripts that may run before ours: `(window.dropgate ??= []).push(['id', { … }])`.
   */
  push(...entries: readonly Entry[]): void
  readonly pause: typeof pause
  readonly resume: typeof resume
  /** Starts drop areas that were added to the page later. */
  start(root?: ParentNode): void
}

type Entry = readonly [id: string, functions: DropAreaFunctions]

export function boot(Dropzone: DropzoneClass): void {
  // Dropzone 5 would take every .dropzone by itself, without our options.
  if ('autoDiscover' in Dropzone) Dropzone.autoDiscover = false
  const push = (...entries: readonly Entry[]) => {
    for (const [id, functions] of entries) configure(id, functions)
  }
  const dropgate: DropgateGlobal = { configure, push, pause, resume, start: root => void start(Dropzone, root) }
  const { dropgate: early } = window as { dropgate?: unknown }
  Object.assign(window, { dropgate })
  if (Array.isArray(early)) push(...early)
  whenReady(() => {
    dropgate.start()
    reportLost()
  })
}
