/** Debian's WebKitGTK, driven over WebDriver; it needs an X server, which is Xvfb. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const driverPath = '/usr/bin/WebKitWebDriver'
const displayPath = '/usr/bin/Xvfb'
const browserPath = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser'

/** Milliseconds for a command: less than a test has, so that the test hears of it. */
const patience = 15_000

/** Whether it can be driven here. */
export const hasWebKit = [driverPath, displayPath, browserPath].every(existsSync)

/** A window of WebKit. */
export interface WebKit {
  open(url: string): Promise<void>
  /** Gives files to the first element that fits, as the file picker would. */
  choose(selector: string, paths: readonly string[]): Promise<void>
  /** Runs a function body in the page; a promise that it returns is awaited. */
  run<T>(body: string, ...args: readonly unknown[]): Promise<T>
  /** Closes the dialog that a script has opened. @returns whether there was one */
  dismiss(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Starts an X server, the driver and a window that takes any certificate.
 *
 * @param proxy `host:port` of a proxy for plain http
 */
export async function launchWebKit(proxy?: string): Promise<WebKit> {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-webkit-'))
  const children: ChildProcess[] = []
  const close = async () => {
    for (const child of children.reverse()) await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const display = spawn(displayPath, ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    children.push(display)
    const [number] = (await once(display.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer]
    const port = await freePort()
    const env = {
      ...process.env,
      DISPLAY: `:${number.toString().trim()}`,
      HOME: folder,
      XDG_RUNTIME_DIR: folder,
      GDK_BACKEND: 'x11',
    }
    children.push(spawn(driverPath, [`--port=${port}`], { env, stdio: 'ignore' }))
    return await openSession(`http://127.0.0.1:${port}/session`, proxy, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function openSession(address: string, proxy: string | undefined, close: () => Promise<void>): Promise<WebKit> {
  const options = { binary: browserPath, args: ['--automation'] }
  const capabilities = {
    alwaysMatch: {
      browserName: 'MiniBrowser',
      acceptInsecureCerts: true,
      'webkitgtk:browserOptions': options,
      ...(proxy !== undefined && { proxy: { proxyType: 'manual', httpProxy: proxy } }),
    },
  }
  const { sessionId } = await retried(() => call<{ sessionId: string }>('POST', address, { capabilities }))
  const session = `${address}/${sessionId}`
  await call('POST', `${session}/timeouts`, { script: patience })
  return {
    open: url => call('POST', `${session}/url`, { url }),
    async choose(selector, paths) {
      const found = await call<Record<string, string>>('POST', `${session}/element`, {
        using: 'css selector',
        value: selector,
      })
      await call('POST', `${session}/element/${Object.values(found)[0]}/value`, { text: paths.join('\n') })
    },
    dismiss: () =>
      call('POST', `${session}/alert/dismiss`, {}).then(
        () => true,
        () => false,
      ),
    run: (body, ...args) => call('POST', `${session}/execute/sync`, { script: body, args }),
    async close() {
      await call('DELETE', session, undefined, 2_000).catch(() => {})
      await close()
    },
  }
}

/** One command. @see W3C WebDriver section 6.3 */
async function call<T>(method: string, url: string, body?: unknown, timeout = patience): Promise<T> {
  const signal = AbortSignal.timeout(timeout)
  const response = await fetch(url, { method, signal, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: T & { readonly error?: string; readonly message?: string } }
  if (!response.ok) throw new Error(value.message || value.error || `WebDriver answered ${response.status}.`)
  return value
}

/** Until the driver listens. */
async function retried<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await action()
    } catch (error) {
      if (tries > 50 || !(error instanceof TypeError)) throw error
      await sleep(100)
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await gone
  clearTimeout(timer)
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
