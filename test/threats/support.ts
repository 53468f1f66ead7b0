/**
 * One helper for all threat rows. Whatever a row does to the server, these hold, or the test fails:
 *
 * - text: the refusal has the exact status and sentence, as plain text that nobody sniffs, without our insides in it;
 * - clean: within a second nothing new is visible in the store but what was answered with 201, no temporary is left,
 *   and the server has as many descriptors as before;
 * - alive: a good upload right after is kept, byte for byte, by the same process.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawClient } from '../integration/adapters/raw-client.ts'
import { type Bytes, file, form, noise, post } from './forms.ts'
import type { Facts, Order, Reply, ServerConfig } from './orders.ts'

/** What was answered. */
export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** One request and its answer. */
export interface Case {
  /** The whole request, or what a client does. */
  readonly send: Bytes | ((client: RawClient) => Promise<unknown>)
  readonly status: number
  /** The exact sentence of a refusal. */
  readonly text?: string
  /** The files that this request adds to the store. */
  readonly keeps?: Readonly<Record<string, Bytes>>
}

interface RowFrame {
  /** Number in the table of threats. */
  readonly row: number
  readonly name: string
  readonly server?: ServerConfig
  /** What else must hold. */
  readonly after?: (run: Run) => unknown
}

/** A row is one case, a list of them, or anything that a client can do. */
export type Row = RowFrame &
  (Case | { readonly cases: () => readonly Case[] } | { readonly run: (run: Run) => unknown })

/** Declares a test for each row, with a server process for the file. */
export function threatRows(rows: readonly Row[]): void {
  const host = new Host()
  beforeAll(() => host.begin())
  afterAll(() => host.end())
  for (const row of rows) {
    test(`row ${row.row}: ${row.name}`, async () => {
      const run = new Run(await host.serve(row.server ?? {}))
      try {
        await run.begin()
        if ('run' in row) await row.run(run)
        else for (const one of 'cases' in row ? row.cases() : [row]) await run.check(one)
        await run.settles()
        await row.after?.(run)
        await run.staysAlive()
      } finally {
        await run.end()
      }
    })
  }
}

/** A running server and its store. */
interface Place {
  readonly host: Host
  readonly port: number
  /** A folder that holds nothing but the store. */
  readonly around: string
  readonly store: string
  /** A name that the policy lets in. */
  readonly good: string
}

/** The server process of one test file. */
class Host {
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

/** One test's dealings with a server. */
export class Run {
  readonly place: Place
  /** What the store must hold at the end. */
  readonly #kept = new Map<string, Bytes>()
  readonly #clients: RawClient[] = []
  #before: Facts | undefined
  #descriptors: readonly string[] = []
  #openFiles = 0

  constructor(place: Place) {
    this.place = place
  }

  async begin(): Promise<void> {
    await until(async () => (await openSockets(this.place.host.pid)) === 0, 1_000)
    this.#descriptors = await descriptors(this.place.host.pid)
    this.#openFiles = (await openFiles(this.place.host.pid)).length
    this.#before = await this.facts()
  }

  /** What the server says about itself since it was started. */
  facts(): Promise<Facts> {
    return this.place.host.facts(this.place.port)
  }

  /** What it said before the row. */
  get before(): Facts {
    return this.#before as Facts
  }

  async client(options?: { reading?: boolean }): Promise<RawClient> {
    const client = await RawClient.connect(this.place.port, options)
    this.#clients.push(client)
    return client
  }

  /** Sends on a connection of its own and returns the answer; the connection stays open until the row has settled. */
  async ask(send: Case['send'], ms = 10_000): Promise<Answer> {
    const client = await this.client()
    const sending = typeof send === 'function' ? send(client) : client.write(send)
    const [answer] = await Promise.all([client.answer(ms), sending])
    return { ...answer, body: Buffer.from(answer.body, 'latin1').toString('utf8') }
  }

  async check({ send, status, text, keeps = {} }: Case): Promise<Answer> {
    const answer = await this.ask(send)
    if (status < 300) {
      expect([answer.status, namesIn(answer)], describe(send)).toEqual([status, Object.keys(keeps)])
      this.keep(keeps)
    } else {
      expectRefusal(answer, status, text, describe(send))
    }
    return answer
  }

  /** These files are the store's from now on. */
  keep(files: Readonly<Record<string, Bytes>>): void {
    for (const [name, bytes] of Object.entries(files)) this.#kept.set(name, bytes)
  }

  /** The clean rule, while the clients are still there (but for their sockets), and after they have gone. */
  async settles(within = 1_000): Promise<void> {
    const { host, around, store } = this.place
    const names = [...this.#kept.keys()].sort()
    const state = async () => ({
      around: await readdir(around),
      visible: (await readdir(store)).filter(name => name !== '.dropgate').sort(),
      temporaries: await readdir(joinPath(store, '.dropgate')),
      descriptors: await descriptors(host.pid),
    })
    const clean = { around: ['store'], visible: names, temporaries: [], descriptors: this.#descriptors }
    await becomes(state, clean, within)
    for (const client of this.#clients.splice(0)) client.socket.destroy()
    await becomes(async () => (await openFiles(host.pid)).length, this.#openFiles, within)
    for (const [name, bytes] of this.#kept) {
      expect(Buffer.compare(await readFile(joinPath(store, name)), Buffer.from(bytes)), name).toBe(0)
    }
  }

  /** The alive rule. */
  async staysAlive(): Promise<void> {
    await upload(this.place)
    this.place.host.expectAlive()
  }

  async end(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.socket.destroy()
    for (const name of await readdir(this.place.store)) {
      if (name !== '.dropgate') await rm(joinPath(this.place.store, name), { recursive: true })
    }
  }
}

/** The text rule. */
export function expectRefusal(answer: Answer, status: number, text: string | undefined, message?: string): void {
  expect([answer.status, answer.body], message).toEqual([status, text])
  expect(answer.head).toMatch(/^content-type: text\/plain; charset=utf-8$/im)
  expect(answer.head).toMatch(/^x-content-type-options: nosniff$/im)
  // One sentence of ours: no markup, no stack, no path, no error number.
  expect(answer.body).toMatch(/^[A-Z][^<>\r\n]*[.]$/)
  expect(answer.body).not.toMatch(/(^|\s)[\\/.]|\bat \S+:\d|\bE[A-Z]{3,}\b|secret/)
}

/** A good upload: kept under its name, byte for byte. It is deleted again. */
async function upload({ port, store, good }: Place): Promise<void> {
  const bytes = noise(30_000, 7)
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

/** What a process has open, without its sockets. */
export async function descriptors(pid: number): Promise<readonly string[]> {
  return (await openFiles(pid)).filter(target => !target.startsWith('socket:')).sort()
}

/** Connections of a process that are still open; the one to its parent does not count. */
async function openSockets(pid: number): Promise<number> {
  const sockets = new Set((await openFiles(pid)).flatMap(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
  const table = (await readFile(`/proc/${pid}/net/tcp`, 'latin1')).split('\n').slice(1)
  const listening = '0A'
  return table
    .map(line => line.trim().split(/\s+/))
    .filter(cells => cells[3] !== listening && sockets.has(String(cells[9]))).length
}

async function openFiles(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`
  const names = existsSync(folder) ? await readdir(folder) : []
  // The descriptor may be closed while we look.
  return (await Promise.all(names.map(name => readlink(joinPath(folder, name)).catch(() => '')))).filter(Boolean)
}

/** Waits until `read()` gives `expected`; fails with the difference. */
export async function becomes<T>(read: () => Promise<T>, expected: T, ms: number): Promise<void> {
  const end = performance.now() + ms
  for (;;) {
    const found = await read()
    if (performance.now() > end) return expect(found).toEqual(expected)
    if (JSON.stringify(found) === JSON.stringify(expected)) return
    await delay(5)
  }
}

export async function until(condition: () => Promise<boolean>, ms: number): Promise<void> {
  await becomes(condition, true, ms)
}

function describe(send: Case['send']): string {
  return typeof send === 'function' ? send.name : Buffer.from(send).subarray(0, 500).toString('latin1')
}
