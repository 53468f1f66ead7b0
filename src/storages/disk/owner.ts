/** Who a temporary file belongs to, so that a later start can tell the dead ones from those of a living process. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { hostname } from 'node:os'

/** A process, as far as the system lets us tell processes apart. All fields match `^[A-Za-z0-9]+$`. */
export interface Owner {
  readonly pid: string
  /** Start time in clock ticks since boot (field 22 of `/proc/<pid>/stat`): process numbers are used again. */
  readonly start: string
  /** The boot, by the kernel's random id. */
  readonly boot: string
  /**
   * The machine and its PID namespace: process numbers of another container or of another machine on the same network
   * share say nothing here. The first namespace has one and the same inode on every Linux, hence the machine's name.
   */
  readonly space: string
}

/** What stands for a fact that this system does not tell. */
const unknown = '0'

let own: Promise<Owner> | undefined

/** This process. */
export function ownOwner(): Promise<Owner> {
  own ??= findOwn()
  return own
}

async function findOwn(): Promise<Owner> {
  const [start, boot, namespace, machine] = await Promise.all([
    startTime(process.pid),
    readText('/proc/sys/kernel/random/boot_id'),
    stat('/proc/self/ns/pid').then(
      found => String(found.ino),
      () => '',
    ),
    readText('/etc/machine-id'),
  ])
  const space = createHash('sha256').update([hostname(), machine, namespace].join('\n')).digest('hex').slice(0, 16)
  return { pid: String(process.pid), start, boot: boot.replace(/[^A-Za-z0-9]/g, '') || unknown, space }
}

/** Whether a process of this machine, namespace and boot still runs. */
export async function isAlive(owner: Owner): Promise<boolean> {
  const pid = Number(owner.pid)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  const start = await startTime(pid)
  if (start !== unknown && owner.start !== unknown) return start === owner.start
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function startTime(pid: number): Promise<string> {
  const text = await readText(`/proc/${pid}/stat`)
  // "pid (name) state …": the name may hold blanks and brackets, so count from its last bracket; state is field 3.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[22 - 3] ?? unknown
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').then(
    text => text.trim(),
    () => '',
  )
}
