export { fetchUploads, protectFetch } from './adapters/fetch.ts'
