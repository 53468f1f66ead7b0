/** `dropgate/metrics` with the real `prom-client`. */
import { createServer } from 'node:http'
import * as client from 'prom-client'
import { describe, expect, test } from 'vitest'
import { dropgate } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/memory.ts'
import { uploadMetrics } from '../../../src/metrics.ts'
import { serve } from '../adapters/serving.ts'

function post(name: string, content: string): Request {
  const body = new FormData()
  body.append('file', new File([content], name))
  return new Request('http://x/uploads', { method: 'POST', body })
}

async function linesOf(answer: Response): Promise<string[]> {
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  return (await answer.text()).split('\n')
}

describe('metrics', () => {
  test('count what the engine tells', async () => {
    const register = new client.Registry()
    const metrics = uploadMetrics(client, { register })
    const uploads = dropgate({ storage: memoryStorage(), policy: { accept: '.txt' }, onEvent: metrics.onEvent })
    await uploads.handle(post('a.txt', 'hello'))
    await uploads.handle(post('b.txt', 'you'))
    await uploads.handle(post('c.exe', 'no'))
    metrics.onEvent({ kind: 'sweep', time: 0, removed: 3 })
    metrics.onEvent({ kind: 'upload-stall', time: 0, protocol: 'tus', duration: 1 })
    metrics.onEvent({ kind: 'request-start', time: 0, protocol: 'ietf' })
    expect(await linesOf(await metrics.response())).toEqual(
      expect.arrayContaining([
        'dropgate_active_requests 1',
        'dropgate_uploads_created_total{protocol="form"} 2',
        'dropgate_uploads_finished_total{protocol="form"} 2',
        'dropgate_uploaded_bytes_total{protocol="form"} 8',
        'dropgate_uploads_refused_total{protocol="form",code="type-not-allowed"} 1',
        'dropgate_upload_stalls_total{protocol="tus"} 1',
        'dropgate_uploads_swept_total 3',
        'dropgate_request_duration_seconds_bucket{le="600",protocol="form"} 3',
        'dropgate_request_duration_seconds_count{protocol="form"} 3',
      ]),
    )
  })

  test('are scraped over node:http, under a prefix and with buckets of the app', async () => {
    const register = new client.Registry()
    const metrics = uploadMetrics(client, { register, prefix: 'app_', buckets: [1, 2] })
    metrics.onEvent({ kind: 'request-end', time: 0, protocol: 'form', duration: 1500 })
    const port = await serve(createServer((req, res) => void metrics.handler(req, res)))
    const lines = await linesOf(await fetch(`http://127.0.0.1:${port}/metrics`))
    expect(lines).toContain('app_request_duration_seconds_bucket{le="1",protocol="form"} 0')
    expect(lines).toContain('app_request_duration_seconds_bucket{le="2",protocol="form"} 1')
    expect(lines.filter(line => line.includes('le="'))).toHaveLength(3)
  })

  test('go to the registry of the whole app by default', async () => {
    uploadMetrics(client, { prefix: 'shared_' })
    expect(await client.register.metrics()).toContain('# TYPE shared_uploaded_bytes_total counter')
    expect(() => uploadMetrics(client, { prefix: 'shared_' })).toThrow(/already been registered/)
    client.register.clear()
  })

  test('that cannot be read are a 500 in words', async () => {
    const register = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('secret')) }
    const own = {
      ...client,
      register,
      Counter: class {
        inc() {}
      },
      Gauge: class {
        inc() {}
        dec() {}
      },
      Histogram: class {
        observe() {}
      },
    }
    const metrics = uploadMetrics(own)
    const port = await serve(createServer((req, res) => void metrics.handler(req, res)))
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect([answer.status, await answer.text()]).toEqual([500, 'The metrics could not be read.'])
  })
})
