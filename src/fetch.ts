export { fetchUploads } from './adapters/fetch.ts'
