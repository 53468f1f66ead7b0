/** The real nginx and the real Caddy, with the files of docs/deployment: only addresses and paths are put in. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const folderOfFiles = fileURLToPath(new URL('../../docs/deployment/', import.meta.url))
const nginxPath = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find(existsSync)
const caddyPath = ['/usr/bin/caddy', '/usr/local/bin/caddy'].find(existsSync)

/** The proxies of this machine, for `describe.skipIf(!hasProxy.nginx)`. */
export const hasProxy = { nginx: nginxPath !== undefined, caddy: caddyPath !== undefined }

/** One of the files that the documentation shows. */
export function deploymentFile(name: string): string {
  return readFileSync(join(folderOfFiles, name), 'utf8')
}

/** A running proxy. */
export interface ProxyProcess {
  /** Its address, without a slash at the end. */
  readonly origin: string
  readonly port: number
  /** Where it sends plain http away from; nginx only. */
  readonly plainPort: number
  stop(): Promise<void>
}

/** What a test changes in the file, to see the difference. */
export interface NginxOptions {
  /** false takes HTTP/2 away. */
  readonly http2?: boolean
  /** true switches `proxy_request_buffering` on. */
  readonly buffering?: boolean
}

/**
 * Starts nginx in front of a port of this machine.
 *
 * @throws Error with what nginx says when it does not come up
 */
export async function startNginx(
  target: number,
  { http2 = true, buffering = false }: NginxOptions = {},
): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-nginx-'))
  const [port, plainPort] = [await freePort(), await freePort()]
  const { certificate, key } = makeCertificate(folder)
  const site = put(deploymentFile('nginx.conf'), [
    ['listen 443 ssl http2', `listen 127.0.0.1:${port} ssl${http2 ? ' http2' : ''}`],
    ['listen [::]:443 ssl http2', `listen unix:${folder}/tls.sock ssl${http2 ? ' http2' : ''}`],
    ['listen 80', `listen 127.0.0.1:${plainPort}`],
    ['listen [::]:80', `listen unix:${folder}/plain.sock`],
    ['/etc/ssl/uploads.example.pem', certificate],
    ['/etc/ssl/uploads.example.key', key],
    ['127.0.0.1:3000', `127.0.0.1:${target}`],
    ...(buffering ? ([['proxy_request_buffering off', 'proxy_request_buffering on']] as const) : []),
  ])
  writeFileSync(join(folder, 'site.conf'), site)
  writeFileSync(join(folder, 'nginx.conf'), surroundings(folder))
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')]
  return run(nginxPath as string, args, { folder, port, plainPort })
}

/** What /etc/nginx/nginx.conf is on a real machine. */
function surroundings(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return [
    // Its workers would be `nobody`, who may not enter a temporary folder of root.
    process.getuid?.() === 0 ? 'user root;' : '',
    `daemon off; pid ${folder}/pid; worker_processes 1; events { worker_connections 256; }`,
    `http { access_log off; ${kinds.map(kind => `${kind}_temp_path ${folder}/${kind};`).join(' ')}`,
    `include ${folder}/site.conf; }`,
  ].join('\n')
}

/** Starts Caddy in front of a port of this machine. */
export async function startCaddy(target: number): Promise<ProxyProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'dropgate-caddy-'))
  const port = await freePort()
  const { certificate, key } = makeCertificate(folder)
  const site = put(deploymentFile('Caddyfile'), [
    ['uploads.example {', `https://127.0.0.1:${port} {\n\ttls ${certificate} ${key}`],
    ['127.0.0.1:3000', `127.0.0.1:${target}`],
  ])
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`)
  return run(caddyPath as string, ['run', '--config', file, '--adapter', 'caddyfile'], { folder, port, plainPort: 0 })
}

/** Replaces texts that have to be there. */
function put(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The file has no "${from}" any more.`)
    return result.replaceAll(from, to)
  }, text)
}

async function run(
  command: string,
  args: readonly string[],
  { folder, port, plainPort }: { folder: string; port: number; plainPort: number },
): Promise<ProxyProcess> {
  const home = join(folder, 'home')
  mkdirSync(home)
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', text => (said += text))
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; !(await accepts(port)); tries++) {
    if (child.exitCode !== null || tries > 200) {
      await stop()
      throw new Error(`${command} does not listen: ${said}`)
    }
    await sleep(25)
  }
  return { origin: `https://127.0.0.1:${port}`, port, plainPort, stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await gone
  clearTimeout(timer)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** A certificate for 127.0.0.1 that nobody trusts. */
function makeCertificate(folder: string): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, 'tls.pem'), join(folder, 'tls.key')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost']
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const { status, stderr } = spawnSync(
    'openssl',
    ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`)
  return { certificate, key }
}
