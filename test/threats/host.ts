/** The server process of a test file, and the servers it runs. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { expect } from 'vitest'
import { RawClient } from '../integration/adapters/raw-client.ts'
import { contentOf } from '../support/contents.ts'
import { file, form, noise, post } from './forms.ts'
import type { Facts, Order, Reply, ServerConfig } from './orders.ts'

/** What was answered. */
export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** A running server and its store. */
export interface Place {
  readonly host: Host
  readonly port: number
  /** A folder that holds nothing but the store. */
  readonly around: string
  readonly store: string
  /** A name that the policy lets in. */
  readonly good: string
}

/** The server process of one test file. */
export class Host {
  #process: ChildProcess | undefined
  #folder = ''
  #stderr = ''
  #orders = 0
  readonly #places = new Map<string, Promise<Place>>()
  readonly #waiting = new Map<number, (answer: Reply['answer']) => void>()

  async begin(): Promise<void> {
    this.#folder = await mkdtemp(joinPath(tmpdir(), 'dropgate-threats-'))
    const script = new URL('server.ts', import.meta.url)
    const child = fork(script, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    child.stderr?.on('data', chunk => {
      this.#stderr += String(chunk)
    })
    child.on('message', ({ id, answer }: Reply) => this.#waiting.get(id)?.(answer))
    child.setMaxListeners(0)
    this.#process = child
  }

  async end(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }

  get pid(): number {
    return this.#process?.pid as number
  }

  expectAlive(): void {
    expect(this.#process?.exitCode ?? this.#process?.signalCode, this.#stderr).toBeNull()
    expect(this.#stderr).toBe('')
  }

  /** One server for all rows of the same configuration. */
  serve(config: ServerConfig): Promise<Place> {
    const key = JSON.stringify(config)
    const place = this.#places.get(key) ?? this.#open(config)
    this.#places.set(key, place)
    return place
  }

  async facts(port: number): Promise<Facts> {
    return (await this.#ask({ facts: port })) as Facts
  }

  async #open(config: ServerConfig): Promise<Place> {
    const around = joinPath(this.#folder, String(this.#places.size))
    const store = joinPath(around, 'store')
    await mkdir(around)
    if (config.planted) await plant(store, `${around}-elsewhere`)
    const port = (await this.#ask({ start: config, folder: store })) as number
    const good = config.policy?.accept === undefined ? 'good.bin' : 'good.jpg'
    const place = { host: this, port, around, store, good }
    // What is opened with the first upload and stays open belongs to the baseline.
    if (!config.planted) await upload(place)
    return place
  }

  #ask(order: { start: ServerConfig; folder: string } | { facts: number }): Promise<Reply['answer']> {
    this.expectAlive()
    const id = this.#orders++
    return new Promise((resolve, reject) => {
      this.#process?.once('exit', () => reject(new Error(`The server process ended: ${this.#stderr}`)))
      this.#waiting.set(id, resolve)
      this.#process?.send({ id, ...order } as Order)
    })
  }
}

/** A good upload: kept under its name, byte for byte. It is deleted again. */
export async function upload({ port, store, good }: Place): Promise<void> {
  const bytes = good.endsWith('.jpg') ? contentOf('jpg', noise(30_000, 7)) : noise(30_000, 7)
  const client = await RawClient.connect(port)
  await client.write(post(form(file(good, bytes)), { lines: ['Connection: close'] }))
  const answer = await client.answer(5_000)
  client.socket.destroy()
  expect([answer.status, namesIn(answer)]).toEqual([201, [good]])
  const path = joinPath(store, good)
  expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
  await rm(path)
}

/** Makes a store whose folder of temporaries is a link to another folder. */
async function plant(store: string, elsewhere: string): Promise<void> {
  await mkdir(store)
  await mkdir(elsewhere)
  await symlink(elsewhere, joinPath(store, '.dropgate'))
}

/** The names of the files in a 201. */
export function namesIn(answer: Answer): readonly string[] {
  if (!/^content-type: application\/json$/im.test(answer.head)) return [answer.body]
  const { files } = JSON.parse(answer.body) as { files: readonly { name: string }[] }
  return files.map(({ name }) => name)
}
