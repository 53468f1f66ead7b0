export { type FetchHandler, fetchUploads, type ProtectFetchOptions, protectFetch } from './adapters/fetch.ts'
export type { BridgeOptions } from './adapters/node-bridge/limits.ts'
