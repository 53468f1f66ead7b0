/** Many uploads that have begun and go no further. */
import { Connection } from './connection.mjs'
import { buildRequests } from './wire.mjs'

let held = []

/** Opens `load.requests` uploads, each on a connection of its own, and sends all but the last `load.withheld` bytes. */
export async function hold(load) {
  for (const request of buildRequests(load)) {
    const whole = Buffer.concat(request.pieces.map(piece => piece.bytes))
    const connection = await Connection.open(load.port)
    await connection.write([{ bytes: whole.subarray(0, whole.length - load.withheld), times: 1 }])
    held.push({ connection, rest: whole.subarray(whole.length - load.withheld) })
  }
  return { held: held.length }
}

/** Sends the rest of all of them; resolves with the number of successes. */
export async function release() {
  const answers = await Promise.all(
    held.map(({ connection, rest }) => connection.send({ pieces: [{ bytes: rest, times: 1 }] })),
  )
  for (const { connection } of held) connection.close()
  held = []
  return { stored: answers.filter(answer => answer.status < 300).length }
}
