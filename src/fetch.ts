export { fetchUploads, type ProtectFetchOptions, protectFetch } from './adapters/fetch.ts'
