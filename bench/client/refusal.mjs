/** An upload that its first part's head forbids: when does the sender know? */
import { Connection } from './connection.mjs'
import { buildRequests } from './wire.mjs'

/**
 * Sends one request. `load.reads` true: reads while it sends, and stops sending when the answer is there; false: reads
 * only when all is sent, as simple clients do.
 *
 * @returns status (0: no answer arrived), ms until the answer, bytes that the kernel had taken by then
 */
export async function refuse(load) {
  const [request] = buildRequests({ ...load, requests: 1 })
  const connection = await Connection.open(load.port)
  const start = performance.now()
  let answer
  try {
    if (!load.reads) connection.pause()
    const arrived = connection.answer().then(given => {
      answer = { status: given.status, ms: performance.now() - start, sent: connection.delivered }
    })
    const sent = connection.write(request.pieces, () => answer !== undefined).then(() => connection.resume())
    // A connection that breaks while we send is a lost answer, unless the answer came first.
    await Promise.race([Promise.allSettled([arrived, sent]), timeout(load.patience ?? 15_000)])
    return answer ?? { status: 0, ms: performance.now() - start, sent: connection.delivered }
  } finally {
    connection.close()
  }
}

function timeout(ms) {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}
