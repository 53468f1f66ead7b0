export { expressUploads, type ResponseWithLocals, uploadErrors } from './adapters/express.ts'
export type { BridgeOptions } from './adapters/limits.ts'
export { type FilesHandler, type NextFunction, type NodeHandler, receiveFiles } from './adapters/node.ts'
export { type PrepareServerOptions, prepareServer } from './adapters/prepare-server.ts'
