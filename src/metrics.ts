export {
  type MetricsOptions,
  type PromClient,
  type PromRegistry,
  type UploadMetrics,
  uploadMetrics,
} from './adapters/metrics.ts'
