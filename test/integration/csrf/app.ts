/** What the tests of the app-wide protection share: an Express app behind it, a visitor, and a clock moved by hand. */
/// <reference path="../adapters/untyped.d.ts" />
import { createServer, type Server } from 'node:http'
import type { Express, RequestHandler } from 'express'
import type { AppCsrfOptions, Csrf } from '../../../src/csrf.ts'
import { csrf } from '../../../src/csrf.ts'
import { type CsrfProtectOptions, csrfProtect } from '../../../src/express.ts'
import { prepareServer } from '../../../src/node.ts'
import { serve } from '../adapters/serving.ts'

export const secret = 'a secret of sixteen letters'

/** A browser as far as cookies go; it sends no Sec-Fetch-Site and no Origin, as an old one would. */
export class Visitor {
  readonly origin: string
  readonly jar = new Map<string, string>()

  constructor(origin: string) {
    this.origin = origin
  }

  async ask(path: string, init: RequestInit = {}): Promise<{ status: number; text: string; headers: Headers }> {
    const headers = new Headers(init.headers)
    if (this.jar.size > 0) headers.set('cookie', [...this.jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(this.origin + path, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined && value !== undefined) this.jar.set(name, value)
    }
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  /** Posts a body: a record is an ordinary form, FormData one with files. */
  post(path: string, body?: BodyInit | Record<string, string>, headers: Record<string, string> = {}) {
    const isRecord = typeof body === 'object' && Object.getPrototypeOf(body) === Object.prototype
    const sent = isRecord ? new URLSearchParams(body as Record<string, string>) : (body as BodyInit | undefined)
    return this.ask(path, { method: 'POST', headers, ...(sent === undefined ? {} : { body: sent }) })
  }

  /** Visits a page and returns the token it was given. */
  async token(path = '/'): Promise<string> {
    return (await this.ask(path)).headers.get('x-csrf-token') as string
  }
}

export interface AppOptions {
  readonly csrf?: Omit<AppCsrfOptions, 'clock' | 'log'>
  readonly protect?: CsrfProtectOptions
  /** Middleware before the protection. */
  readonly before?: readonly RequestHandler[]
  /** Routes behind it. */
  readonly routes?: (app: Express, protection: Csrf) => void
}

export const time = { now: 0 }
export const clock = { now: () => time.now }

/** `GET /` gives a token in the header X-CSRF-Token, `POST /` says good; and the routes of the test. */
export async function startApp(express: typeof import('express'), options: AppOptions = {}) {
  time.now = 1_800_000_000_000
  const lines: string[] = []
  const protection = csrf({ secret, ...options.csrf, clock, log: line => void lines.push(line) })
  const app = express()
  for (const handler of options.before ?? []) app.use(handler)
  app.use(csrfProtect(protection, options.protect))
  app.get('/', (_req, res) => void res.set('X-CSRF-Token', res.locals.csrfToken()).send(''))
  app.post('/', (_req, res) => void res.send('good'))
  options.routes?.(app, protection)
  const port = await serve(prepareServer(createServer(app) as Server))
  const origin = `http://127.0.0.1:${port}`
  return { origin, port, lines, protection, visitor: new Visitor(origin) }
}

/** A form with fields, then files. */
export function formOf(fields: Record<string, string> = {}, ...names: string[]): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const name of names) form.append('file', new File(['x'], name))
  return form
}

export const missing = { status: 400, text: 'The CSRF token is missing.' }
