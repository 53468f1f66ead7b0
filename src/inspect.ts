/** `dropgate/inspect`: those who look through whole files before they are kept. Each costs nothing where it is not used. */
export { type ClamavOptions, clamav } from './inspectors/clamav.ts'
export { type FileTypeOptions, fileType } from './inspectors/file-type.ts'
export { type ImageLimitOptions, imageLimit } from './inspectors/image.ts'
export { type ZipLimitOptions, zipLimit } from './inspectors/zip/limit.ts'
export type { InspectContext, InspectedFile, Inspector } from './upload/types.ts'
