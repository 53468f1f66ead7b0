import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../../temp-folder.ts'
import { worthAThread } from './tools.ts'

const few = Uint8Array.of(1, 2, 3)

/**
 * Runs a program that has `helper`, warmed up, and `folder`; says how it ended and what it printed.
 * @param under a command that runs it, with its arguments
 */
async function programWith(
  folder: string,
  body: string,
  under: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly printed: string }> {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const program = `
    import { ThreadHelper } from ${at('../../../../../src/storages/disk/helper/helper.ts')}
    import { running } from ${at('./tools.ts')}
    const folder = ${JSON.stringify(folder)}
    ${body}`
  const command = [...under, process.execPath, '--input-type=module', '--no-warnings', '--eval', program]
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process that does not end by itself is ended, and has no exit code then.
    timeout: 10_000,
  })
  let printed = ''
  child.stdout.on('data', piece => (printed += piece))
  child.stderr.on('data', piece => (printed += piece))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, printed }
}

test('a process that waits for the helper alone stays until it has its answer, and ends then', async () => {
  const folder = await tempFolder()
  const body = `
    const helper = await running()
    // Nothing else keeps the process: the timers of the start are over.
    setTimeout(() => {
      const bytes = new Uint8Array(65536)
      for (let index = 0; index < 8; index++) {
        void helper.write(folder + '/' + index, 0o600, [bytes], bytes.length).then(({ tag }) => console.log(tag ? 'yes' : 'no'))
      }
    }, 20)`
  expect(await programWith(folder, body)).toEqual({ code: 0, printed: 'yes\n'.repeat(8) })
})

test('a process that waits for one answer after another stays for the last', async () => {
  const folder = await tempFolder()
  const body = `
    const helper = await running()
    for (let index = 0; index < 200; index++) {
      await helper.write(folder + '/' + index, 0o600, [Uint8Array.of(1)], 1)
      await helper.unlink(folder + '/' + index)
    }
    console.log('all')`
  expect(await programWith(folder, body)).toEqual({ code: 0, printed: 'all\n' })
  expect(await readdir(folder)).toEqual([])
})

test('a process ends by itself while its helper starts', async () => {
  const body = `
    const helper = new ThreadHelper()
    for (let asked = 0; asked < ${worthAThread}; asked++) helper.unlink('/no/such/file')
    console.log('end')`
  expect(await programWith(await tempFolder(), body)).toEqual({ code: 0, printed: 'end\n' })
})

// The event loop's own way (`moveNow`) says so too: a temporary that stays is a second name of a good file.
test('a file that got its new name has it, even where the old one cannot be deleted', async () => {
  const folder = await tempFolder()
  const [fixed, free] = [join(folder, 'fixed'), join(folder, 'free')]
  await mkdir(fixed)
  await mkdir(free)
  await writeFile(join(fixed, 'from'), few, { mode: 0o666 })
  await chmod(fixed, 0o555)
  // The superuser may delete everywhere, but not without these powers.
  const asAnybody = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search,-fowner']
  const body = `
    const helper = await running()
    console.log(await helper.move(folder + '/fixed/from', folder + '/free/to'))`
  const { printed } = await programWith(folder, body, process.getuid?.() === 0 ? asAnybody : [])
  await chmod(fixed, 0o755)
  expect(await readdir(free)).toEqual(['to'])
  expect(printed).toBe('true\n')
})
