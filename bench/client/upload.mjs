/** Uploads over some connections, each sending the next request when its last was answered. */
import { Connection } from './connection.mjs'
import { buildRequests } from './wire.mjs'

/** @returns seconds from the first byte to the last answer, bytes of bodies, and the time of each request in ms */
export async function upload(load) {
  const requests = buildRequests(load)
  const connections = await Promise.all(Array.from({ length: load.connections }, () => Connection.open(load.port)))
  const latencies = []
  let next = 0
  const start = performance.now()
  const work = async connection => {
    while (next < requests.length) {
      const request = requests[next++]
      const began = performance.now()
      expectSuccess(await connection.send(request))
      latencies.push(performance.now() - began)
    }
  }
  try {
    await Promise.all(connections.map(work))
    return {
      seconds: (performance.now() - start) / 1000,
      bytes: requests.reduce((sum, request) => sum + request.bytes, 0),
      latencies,
    }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Throws when an answer is not a success. */
export function expectSuccess(answer) {
  if (answer.status >= 300) throw new Error(`answered ${answer.status}: ${answer.body.slice(0, 200)}`)
  return answer
}
