/** `dropgate/client`: for pages that bundle Dropzone themselves. */
export { configure, type DropAreaFunctions, type OwnOptions } from './client/configure.ts'
export type {
  Done,
  DropzoneClass,
  DropzoneFile,
  DropzoneInstance,
  DropzoneOptions,
  Fields,
  Listener,
} from './client/dropzone-like.ts'
export { pause, resume } from './client/resumable.ts'
export { start, whenReady } from './client/start.ts'
