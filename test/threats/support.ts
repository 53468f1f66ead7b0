/**
 * One helper for all threat rows. Whatever a row does to the server, these hold, or the test fails:
 *
 * - text: the refusal has the exact status and sentence, as plain text that nobody sniffs, without our insides in it;
 * - clean: within a second nothing new is visible in the store but what was answered with 201, no temporary is left,
 *   and the server has as many descriptors as before;
 * - alive: a good upload right after is kept, byte for byte, by the same process.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawClient } from '../integration/adapters/raw-client.ts'
import type { Bytes } from './forms.ts'
import { type Answer, Host, namesIn, type Place, upload } from './host.ts'
import type { Facts, ServerConfig } from './orders.ts'
import { becomes, descriptors, openFiles, openSockets, until } from './probes.ts'

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

function describe(send: Case['send']): string {
  return typeof send === 'function' ? send.name : Buffer.from(send).subarray(0, 500).toString('latin1')
}
