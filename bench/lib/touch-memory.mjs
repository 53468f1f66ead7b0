/** Memory that a virtual machine has not used for some seconds may have gone back to its host. */
import { spawnSync } from 'node:child_process'

/**
 * Has the system hand out so much memory and take it back: whoever is measured next would else pay for what the host has to
 * fetch first, some rows much of it and others none.
 *
 * @param {number} bytes
 */
export function touchMemory(bytes) {
  const program =
    'for (let left = Number(process.argv[1]); left > 0; left -= 2 ** 26) (globalThis.all ??= []).push(Buffer.alloc(2 ** 26, 1))'
  spawnSync(process.execPath, ['--eval', program, String(bytes)])
}
