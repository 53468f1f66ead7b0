/** Notices that the process which started us is gone: npm leaves its children alive when it alone is signalled. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const shells = ['sh', 'dash', 'bash', 'ash', 'ksh', 'zsh', 'busybox']

/**
 * Remembers who our ancestors are now; call it first of all.
 *
 * npm runs a script through `sh -c`. Some shells become the script, others stay between npm and us and outlive npm:
 * then it is the shell's parent that has to be watched.
 *
 * @returns `onGone(callback)`, which polls from then on and calls back once
 */
export function watchAncestors(everyMs = 250) {
  const parent = process.ppid
  const shell = process.env.npm_lifecycle_event ? look(parent) : undefined
  const grandparent = shell && shells.includes(shell.name) ? shell.parent : undefined
  const gone = () => process.ppid !== parent || (grandparent !== undefined && look(parent)?.parent !== grandparent)
  return {
    onGone(callback) {
      const timer = setInterval(() => {
        if (!gone()) return
        clearInterval(timer)
        callback()
      }, everyMs)
      timer.unref()
    },
  }
}

/** Name and parent of a process, or undefined when there is none. */
function look(pid) {
  try {
    // "pid (name) state ppid …"; the name may itself hold blanks and brackets.
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return { name, parent: Number(parent) }
  } catch {
    if (process.platform === 'linux') return undefined
  }
  const line = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim()
  const match = /^(\d+)\s+(.*)$/.exec(line ?? '')
  return match ? { name: match[2].split('/').at(-1).replace(/^-/, ''), parent: Number(match[1]) } : undefined
}
