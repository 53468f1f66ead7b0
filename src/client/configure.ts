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
  /** Called once, when the drop area runs; `this` is the Dropzone too. */
  init?(this: DropzoneInstance, dropzone: DropzoneInstance): void
  /**
   * Any option of Dropzone by its own name, or a function that makes them. They have the last word on the page; the
   * server keeps to its policy all the same. A function under the name of an event is one more listener. Give them
   * before the drop area starts.
   */
  options?: OwnOptions | (() => OwnOptions)
  /** Listeners of Dropzone's events, beside its own (which keep showing what happens). */
  on?: Readonly<Record<string, Listener>>
}

/** Options of Dropzone, as in its own documentation. */
export type OwnOptions = Readonly<Record<string, unknown>>

const names = ['accept', 'renameFile', 'transformFile', 'params', 'init', 'on', 'options']

type Params = NonNullable<DropAreaFunctions['params']>

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
  if (!dropzone) return
  applyOptions(dropzone, optionsOf(functions))
  apply(dropzone, functions)
}

/** Gives options to a Dropzone that runs: events are listened to, not replaced. */
export function applyOptions(dropzone: DropzoneInstance, own: OwnOptions): void {
  const { params, init, ...options } = own
  for (const [name, value] of Object.entries(options)) {
    if (isListener(name, value)) dropzone.on(name, value as Listener)
    else dropzone.options[name] = value
  }
  if (params) addParams(dropzone, typeof params === 'function' ? (params as Params) : () => params as Fields)
  if (typeof init === 'function') init.call(dropzone)
}

/** Options of Dropzone that are, or may be, functions. All others are the faces of events. */
const functionOptions = [
  ...['url', 'method', 'timeout', 'params', 'paramName', 'chunksUploaded', 'accept', 'renameFile', 'renameFilename'],
  ...['resize', 'transformFile', 'fallback', 'init'],
]

/** Dropzone takes a function under the name of an event for the event's whole face, e.g. instead of the tick mark. */
export function isListener(name: string, value: unknown): boolean {
  return typeof value === 'function' && !functionOptions.includes(name)
}

/** Gives a drop area that has just started what was registered for it. */
export function applyConfigured(id: string, dropzone: DropzoneInstance): void {
  running.set(id, dropzone)
  for (const functions of registered.get(id) ?? []) apply(dropzone, functions)
}

/** The options of Dropzone that were registered for an area that is about to start; the last one wins. */
export function configuredOptions(id: string): OwnOptions {
  return Object.assign({}, ...(registered.get(id) ?? []).map(optionsOf)) as OwnOptions
}

function apply(dropzone: DropzoneInstance, functions: DropAreaFunctions): void {
  const { on = {}, init, params, options: _, ...others } = functions
  Object.assign(dropzone.options, others)
  if (params) addParams(dropzone, params)
  for (const [event, listener] of Object.entries(on)) dropzone.on(event, listener)
  init?.call(dropzone, dropzone)
}

function optionsOf({ options = {} }: DropAreaFunctions): OwnOptions {
  return typeof options === 'function' ? options() : options
}

/**
 * Adds form fields. Always as a function that merges: an object is ignored by Dropzone 6, and in 5 and 7 it would
 * replace the fields of a chunk.
 */
export function addParams(dropzone: DropzoneInstance, more: Params): void {
  const before = dropzone.options.params
  dropzone.options.params = (files, xhr, chunk) => ({
    ...more(files, xhr, chunk),
    ...(typeof before === 'function' ? before.call(dropzone, files, xhr, chunk) : before),
  })
}
