/** The processes of a measurement: one client for the whole run, one server for each measurement. */
import { fork } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = name => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** The client: runs one job at a time. */
export class Client {
  #process = fork(path('client/main.mjs'))
  #next = 0

  /** @returns what the job of `client/main.mjs` returns */
  run(job, load) {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const done = message => {
        if (message.id !== id) return
        this.#process.off('message', done).off('exit', gone)
        if (message.error === undefined) resolve(message.result)
        else reject(new Error(message.error))
      }
      const gone = code => reject(new Error(`the client ended with exit code ${code}`))
      this.#process.on('message', done).on('exit', gone)
      this.#process.send({ id, job, load })
    })
  }

  stop() {
    this.#process.disconnect()
  }
}

/** A contender that listens. */
export class Server {
  #process
  port = 0

  /**
   * @param {string} name a file of `contenders/`, with `+fsync` for its durable form
   * @param {{ folder: string, refuse?: boolean }} options
   * @param {readonly string[]} nodeOptions
   */
  static async start(name, options, nodeOptions = []) {
    const [file, flag] = name.split('+')
    const settings = JSON.stringify({ ...options, durable: flag === 'fsync' })
    const server = new Server(
      fork(path('server.mjs'), [file, settings], {
        execArgv: ['--expose-gc', ...nodeOptions],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    )
    server.port = (await server.#message()).port
    return server
  }

  constructor(process) {
    this.#process = process
    this.said = ''
    process.stderr.setEncoding('utf8').on('data', text => (this.said = (this.said + text).slice(-2000)))
  }

  get pid() {
    return this.#process.pid
  }

  /** CPU seconds of all threads so far, the longest block of the event loop, bytes read when the last answer was given. */
  usage() {
    return this.#ask('usage')
  }

  /** Begins anew: the longest block, and the peak of resident memory (proc_pid_clear_refs(5), value 5). */
  async reset() {
    await this.#ask('reset')
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5')
  }

  /** Collects garbage. */
  collect() {
    return this.#ask('collect')
  }

  /** Resident memory in bytes, now and at most. */
  memory() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1')
    const bytes = key => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) * 1024
    return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
  }

  /** Open descriptors. */
  descriptors() {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** Ends it and waits until it is gone. */
  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.disconnect()
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 5_000)
    await gone
    clearTimeout(timer)
  }

  async #ask(ask) {
    const answer = this.#message()
    this.#process.send({ ask })
    return answer
  }

  #message() {
    return new Promise((resolve, reject) => {
      // What it said has paths and many lines: it belongs on the terminal, not into a table.
      const gone = code => {
        console.error(this.said)
        reject(new Error(`the server ended with exit code ${code}`))
      }
      this.#process.once('exit', gone)
      this.#process.once('message', message => {
        this.#process.off('exit', gone)
        resolve(message)
      })
    })
  }
}
