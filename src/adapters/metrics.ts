/** Figures for Prometheus, by the app's own `prom-client`: fed by the events of the engine. */
import type { ServerResponse } from 'node:http'
import type { UploadEvent } from '../server/events/types.ts'

type Labels = Record<string, string>

interface MetricOptions {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  readonly buckets?: number[]
}

/** What is needed of the package `prom-client` (15), which fits as it is. */
export interface PromClient {
  readonly Counter: new (
    options: MetricOptions & { registers: never[] },
  ) => { inc(labels: Labels, value?: number): void }
  readonly Gauge: new (options: MetricOptions & { registers: never[] }) => { inc(): void; dec(): void }
  readonly Histogram: new (
    options: MetricOptions & { registers: never[] },
  ) => {
    observe(labels: Labels, value: number): void
  }
  readonly register: PromRegistry
}

/** A registry of `prom-client`. */
export interface PromRegistry {
  readonly contentType: string
  metrics(): Promise<string>
}

/** Options of {@link uploadMetrics}. */
export interface MetricsOptions {
  /** Where the figures are kept. Default the registry that all of the app's own figures share. */
  readonly register?: PromRegistry
  /** What every name begins with. Default `dropgate_`. */
  readonly prefix?: string
  /** Upper bounds of the histogram in seconds; from 10 ms to 10 minutes where nothing is said. */
  readonly buckets?: readonly number[]
}

/** Figures of the engines that were given `onEvent`. */
export interface UploadMetrics {
  /** For the option of the same name; several engines may share it. */
  onEvent(event: UploadEvent): void
  /** Answers a scrape with everything in the registry. */
  response(): Promise<Response>
  /** The same for Node and Express. Never rejects. */
  handler(req: unknown, res: ServerResponse): Promise<void>
}

const defaults = {
  prefix: 'dropgate_',
  buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 180, 600],
}

/**
 * Counts what the engine tells.
 *
 * @param client the package `prom-client`, yours to install: `import * as client from 'prom-client'`
 * @throws Error of `prom-client` where a name is taken in the registry
 * @example
 * const metrics = uploadMetrics(client)
 * const uploads = dropgate({ storage, onEvent: metrics.onEvent })
 * app.get('/metrics', metrics.handler)
 */
export function uploadMetrics(client: PromClient, options: MetricsOptions = {}): UploadMetrics {
  const { register = client.register } = options
  const count = counters(client, register, options)
  const response = async () =>
    new Response(await register.metrics(), { headers: { 'Content-Type': register.contentType } })
  return {
    onEvent: event => count(event),
    response,
    async handler(_req, res) {
      try {
        const text = await register.metrics()
        res.writeHead(200, { 'Content-Type': register.contentType }).end(text)
      } catch {
        res.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' }).end('The metrics could not be read.')
      }
    },
  }
}

function counters(client: PromClient, register: PromRegistry, options: MetricsOptions): (event: UploadEvent) => void {
  const { prefix = defaults.prefix, buckets = defaults.buckets } = options
  const common = (name: string, help: string, ...labelNames: string[]) => {
    return { name: prefix + name, help, labelNames, registers: [register] as never[] }
  }
  const counter = (name: string, help: string, ...labels: string[]) => new client.Counter(common(name, help, ...labels))
  const active = new client.Gauge(common('active_requests', 'Upload requests that are being read.'))
  const created = counter('uploads_created_total', 'Uploads that were let in.', 'protocol')
  const finished = counter('uploads_finished_total', 'Uploads that became files.', 'protocol')
  const bytes = counter('uploaded_bytes_total', 'Bytes of the uploads that became files.', 'protocol')
  const refused = counter('uploads_refused_total', 'Requests that were refused or cut off.', 'code', 'protocol')
  const stalls = counter('upload_stalls_total', 'Senders that were too slow.', 'protocol')
  const swept = counter('uploads_swept_total', 'Unfinished uploads that were given up and removed.')
  const seconds = new client.Histogram({
    ...common('request_duration_seconds', 'From the head of an upload request to its end.', 'protocol'),
    buckets: [...buckets],
  })
  return event => {
    if (event.kind === 'sweep') return swept.inc({}, event.removed)
    const { kind, protocol } = event
    if (kind === 'request-start') return active.inc()
    if (kind === 'upload-create') return created.inc({ protocol })
    if (kind === 'upload-stall') return stalls.inc({ protocol })
    if (kind === 'upload-reject') return refused.inc({ protocol, code: event.code })
    if (kind === 'request-end') {
      active.dec()
      return seconds.observe({ protocol }, event.duration / 1000)
    }
    finished.inc({ protocol })
    bytes.inc({ protocol }, event.bytes)
  }
}
