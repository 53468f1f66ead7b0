/** tus 1.0.0: uploads in one PATCH, and in many small ones. */
import { filePieces } from '../lib/content.mjs'
import { Connection } from './connection.mjs'
import { expectSuccess } from './upload.mjs'
import { nameOf } from './wire.mjs'

/** One file, created by a POST and sent in one PATCH. The time is that of the PATCH. */
export async function tusUpload(load) {
  const connection = await Connection.open(load.port)
  try {
    const path = await create(connection, load)
    const pieces = filePieces({ ...load, index: load.firstIndex })
    const start = performance.now()
    expectSuccess(await connection.send(patch(path, 0, load.size, pieces)))
    const seconds = (performance.now() - start) / 1000
    return { seconds, bytes: load.size, latencies: [seconds * 1000] }
  } finally {
    connection.close()
  }
}

/** One file in PATCHes of `load.patchSize` bytes, one after another; the time of each. */
export async function tusPatches(load) {
  const connection = await Connection.open(load.port)
  const latencies = []
  try {
    const path = await create(connection, load)
    const whole = Buffer.concat(filePieces({ ...load, index: load.firstIndex }).flatMap(spread))
    const start = performance.now()
    for (let offset = 0; offset < load.size; offset += load.patchSize) {
      const bytes = whole.subarray(offset, offset + load.patchSize)
      const began = performance.now()
      expectSuccess(await connection.send(patch(path, offset, bytes.length, [{ bytes, times: 1 }])))
      latencies.push(performance.now() - began)
    }
    return { seconds: (performance.now() - start) / 1000, bytes: load.size, latencies }
  } finally {
    connection.close()
  }
}

async function create(connection, load) {
  const name = Buffer.from(nameOf(load.firstIndex)).toString('base64')
  const head = [
    'POST /uploads HTTP/1.1',
    'Host: 127.0.0.1',
    'Tus-Resumable: 1.0.0',
    `Upload-Length: ${load.size}`,
    `Upload-Metadata: filename ${name}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  const answer = expectSuccess(await connection.send({ pieces: [{ bytes: Buffer.from(head), times: 1 }] }))
  return answer.headers.location.replace(/^https?:\/\/[^/]+/, '')
}

function patch(path, offset, length, pieces) {
  const head = [
    `PATCH ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Tus-Resumable: 1.0.0',
    `Upload-Offset: ${offset}`,
    'Content-Type: application/offset+octet-stream',
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n')
  return { pieces: [{ bytes: Buffer.from(head), times: 1 }, ...pieces] }
}

function spread({ bytes, times }) {
  return Array.from({ length: times }, () => bytes)
}
