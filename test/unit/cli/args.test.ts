import { describe, expect, it } from 'vitest'
import { CommandLineError, isLoopback, parseCommand } from '../../../src/cli/args.ts'

const settings = (...args: string[]) => {
  const command = parseCommand(args)
  if (command.kind !== 'serve') throw new Error(command.kind)
  return command.settings
}

describe('the arguments', () => {
  it('have defaults without any limit', () => {
    expect(settings()).toEqual({
      directory: './uploads',
      host: '127.0.0.1',
      port: 8080,
      exposed: false,
      open: false,
      multiple: false,
      log: 'pretty',
      naming: 'original',
    })
  })

  it('are read, each', () => {
    const args = ['in', '--port=0', '--accept', 'image/*, .pdf', '--accept', '.png', '--max-file-size', '50MiB']
    const more = ['--max-files', '3', '--multiple', '--parallel', '4', '--naming', 'random', '--token', 't', '--json']
    expect(settings(...args, ...more)).toMatchObject({
      directory: 'in',
      port: 0,
      accept: ['image/*', '.pdf', '.png'],
      maxFileSize: '50MiB',
      maxFiles: 3,
      multiple: true,
      parallel: 4,
      naming: 'random',
      token: 't',
      log: 'json',
    })
  })

  it('print news in one of three forms', () => {
    expect(settings().log).toBe('pretty')
    for (const form of ['json', 'pretty', 'silent']) expect(settings('--log', form).log).toBe(form)
    expect(settings('--json', '--log', 'json').log).toBe('json')
    expect(() => parseCommand(['--log', 'loud'])).toThrow('--log is "loud"; it must be json, pretty or silent.')
    expect(() => parseCommand(['--json', '--log=silent'])).toThrow('--json and --log silent contradict each other')
  })

  it('take digits alone as bytes', () => expect(settings('--max-file-size', '5000').maxFileSize).toBe(5000))

  it('prefer help to everything else that is well-formed', () => {
    expect(parseCommand(['--help', '--host', '0.0.0.0'])).toEqual({ kind: 'help' })
    expect(parseCommand(['-v'])).toEqual({ kind: 'version' })
  })

  it.each(['--accept=', '--accept=,', '--host=', '--host=a b', '--port=1e3', '--port=0x10', '--token='])(
    'refuse %s',
    arg => {
      expect(() => parseCommand([arg])).toThrow(CommandLineError)
    },
  )

  it.each([
    ['--multipel', '--multiple'],
    ['--maxfilesize', '--max-file-size'],
    ['--acept', '--accept'],
    ['--max-file', '--max-files'],
    ['--nameing', '--naming'],
  ])('suggest for %s the option %s', (typed, meant) => {
    expect(() => parseCommand([typed])).toThrow(`Unknown option ${typed}; did you mean ${meant}?`)
  })

  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org', '1270.0.0.1', 'localhost.example'])(
    'want a token or --open for %s',
    host => {
      expect(isLoopback(host)).toBe(false)
      expect(() => parseCommand(['--host', host])).toThrow(/--token TEXT .* --open/)
      expect(settings('--host', host, '--open').exposed).toBe(true)
      expect(settings('--host', host, '--token', 'x').exposed).toBe(true)
    },
  )

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
    'know that %s is this machine',
    host => expect(settings('--host', host).exposed).toBe(false),
  )
})
