/**
 * One contender in a process of its own: `node server.mjs <contender> <options as JSON>`, started by the parent, which
 * is told the port and may ask what was used so far.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const [name, options] = process.argv.slice(2)
const { start } = await import(`./contenders/${name}.mjs`)
const server = await start(JSON.parse(options))

/** Delay of timers: what else keeps the event loop busy shows as more than `resolution`. */
const resolution = 5
const delay = monitorEventLoopDelay({ resolution })
delay.enable()
/** Bytes that had come over the connection when the last answer was given. */
let readAtAnswer = 0

server.on('request', (req, res) => {
  const end = res.end
  res.end = function (...args) {
    readAtAnswer = req.socket.bytesRead
    return end.apply(this, args)
  }
})

const answers = {
  usage() {
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    return {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      blockedMs: Math.max(0, delay.max / 1e6 - resolution),
      readAtAnswer,
    }
  },
  reset() {
    delay.reset()
    readAtAnswer = 0
    return {}
  },
  collect() {
    globalThis.gc?.()
    return {}
  },
}

process.on('message', ({ ask }) => process.send(answers[ask]()))
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
