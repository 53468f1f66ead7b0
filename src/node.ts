export { sendDownload } from './adapters/node-bridge/download.ts'
export {
  type FilesHandler,
  type NextFunction,
  type NodeHandler,
  nodeUploads,
  receiveFiles,
} from './adapters/node-bridge/handlers.ts'
export type { BridgeOptions } from './adapters/node-bridge/limits.ts'
export { type PrepareServerOptions, prepareServer } from './adapters/node-bridge/prepare-server.ts'
export { readText } from './adapters/node-bridge/read-text.ts'
