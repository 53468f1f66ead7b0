/** The front door: the engine, its errors and the words of its types. */

export type { Page } from './html/page.ts'
export { formatSize, parseSize, type Size } from './sansio/bytes/size.ts'
export type { DropAreaOptions } from './sansio/dropzone/options.ts'
export {
  CsrfError,
  type FileFacts,
  isUploadError,
  type SavedFile,
  UploadError,
  type UploadErrorCode,
  type UploadErrorOptions,
  uploadErrors,
} from './sansio/errors.ts'
export type { Messages } from './sansio/messages.ts'
export { OptionError } from './sansio/option-error.ts'
export type { Policy, PolicyOptions } from './sansio/policy/policy.ts'
export { type EnvSettings, settingsFromEnv } from './sansio/settings/env.ts'
export { dropgate } from './server/create.ts'
export { formatEvent } from './server/events/format.ts'
export type { UploadEvent, UploadProtocol } from './server/events/types.ts'
export type {
  Answer,
  CorsOptions,
  CsrfOptions,
  DownloadOptions,
  DownloadsOptions,
  DownloadUrlOptions,
  DropgateOptions,
  Files,
  LimitOptions,
  QuotaOptions,
  Received,
  ReceivedFile,
  SavedTo,
  Uploads,
} from './server/types.ts'
export { FormFields } from './upload/parts.ts'
export type {
  Clock,
  CommitItem,
  ListedFile,
  Lock,
  Locker,
  NewUpload,
  Pending,
  ReadableFile,
  ResumableCommit,
  ResumableStorage,
  Storage,
  StoredFile,
  UploadState,
} from './upload/ports.ts'
export { randomFilename } from './upload/random.ts'
export type { ChunkSink, IncomingRequest, PushBody, RequestContext } from './upload/request.ts'
export type {
  CandidateFile,
  Hooks,
  InspectContext,
  InspectedFile,
  Inspector,
  Naming,
  UploadContext,
  UploadedFile,
  Validator,
} from './upload/types.ts'
