#!/usr/bin/env node
/** The `dropgate` command: a thin shell around args, serve and shutdown. */
import { readFileSync } from 'node:fs'
import { CommandLineError, parseCommand } from './args.ts'
import { help } from './help.ts'
import { printable } from './news.ts'
import { serve } from './serve.ts'
import { endOnSignals } from './shutdown.ts'

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args)
  if (command.kind === 'help') return void process.stdout.write(help)
  if (command.kind === 'version') return console.log(version())
  const { server, uploads, announce } = await serve(command.settings, line => console.log(line))
  endOnSignals(server, uploads)
  announce()
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

// Whoever read our news may go away (`dropgate | head -1`); the server goes on.
process.stdout.on('error', () => {})

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof CommandLineError) console.error(`dropgate: ${printable(error.message)}`)
  else console.error(error)
  process.exitCode = error instanceof CommandLineError ? 2 : 1
}
