/** Functions for a drop area, which JSON can not carry. */
import type { Done, DropzoneFile, DropzoneInstance, Fields, Listener } from './dropzone-like.ts'

/** What `configure()` takes. Everything else is set on the server. */
export interface DropAreaFunctions {
  /** Own check, after those of the policy: `done()` accepts, `done('sentence')` refuses. */
  accept?(file: DropzoneFile, done: Done): void
  /** The name to send. */
  renameFile?(file: DropzoneFile): string
  /** Change the data before it is sent. */
  transformFile?(file: DropzoneFile, done: (data: Blob) => void): void
  /** Further form fields; merged with those of the server's options. */
  params?(files: DropzoneFile[], xhr: XMLHttpRequest, chunk: unknown): Fields | undefined
  /** Called once, when the drop area runs. */
  init?(dropzone: DropzoneInstance): void
  /** Listeners of Dropzone's events, beside its own (which keep showing what happens). */
  on?: Readonly<Record<string, Listener>>
}

const names = ['accept', 'renameFile', 'transformFile', 'params', 'init', 'on']

/** By id; a map, because an id may be any text. */
const registered = new Map<string, DropAreaFunctions[]>()
const running = new Map<string, DropzoneInstance>()

/**
 * Gives functions to a drop area, before or after it has started.
 *
 * @param id as given to `create()`; looked up literally
 * @throws TypeError for a name that is not one of {@link DropAreaFunctions}
 * @example dropgate.configure('myDropzone', { on: { success: (file, answer) => console.log(answer.files) } })
 */
export function configure(id: string, functions: DropAreaFunctions): void {
  const wrong = Object.keys(functions).find(name => !names.includes(name))
  if (wrong !== undefined) {
    throw new TypeError(
      `configure() got "${wrong}"; it takes ${names.join(', ')}. Other options are set on the server.`,
    )
  }
  registered.set(id, [...(registered.get(id) ?? []), functions])
  const dropzone = running.get(id)
  if (dropzone) apply(dropzone, functions)
}

/** Gives a drop area that has just started what was registered for it. */
export function applyConfigured(id: string, dropzone: DropzoneInstance): void {
  running.set(id, dropzone)
  for (const functions of registered.get(id) ?? []) apply(dropzone, functions)
}

function apply(dropzone: DropzoneInstance, { on = {}, init, params, ...options }: DropAreaFunctions): void {
  Object.assign(dropzone.options, options)
  if (params) addParams(dropzone, params)
  for (const [event, listener] of Object.entries(on)) dropzone.on(event, listener)
  init?.(dropzone)
}

/**
 * Adds form fields. Always as a function that merges: an object is ignored by Dropzone 6, and in 5 and 7 it would
 * replace the fields of a chunk.
 */
export function addParams(dropzone: DropzoneInstance, more: NonNullable<DropAreaFunctions['params']>): void {
  const before = dropzone.options.params
  dropzone.options.params = (files, xhr, chunk) => ({
    ...more(files, xhr, chunk),
    ...(typeof before === 'function' ? before.call(dropzone, files, xhr, chunk) : before),
  })
}
