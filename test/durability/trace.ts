/** Reads what `strace -f -y` wrote, and judges the order in which one upload became durable. Pure. */

/** One system call, whole, even where another thread's calls stood between its beginning and its end. */
export interface Call {
  readonly name: string
  readonly args: string
  /** What came back: a number, perhaps with a path, or -1 with an error. */
  readonly result: string
  /** Paths among the arguments, `/proc/<pid>/fd/<n>` resolved; for a descriptor the path it stands for. */
  readonly paths: readonly string[]
  /** Positions in the trace: a call that ends before another starts happened before it. */
  readonly start: number
  readonly end: number
}

/** What was uploaded. */
export interface Uploaded {
  /** The store. */
  readonly folder: string
  /** The stored name. */
  readonly name: string
  /** Bytes. */
  readonly size: number
}

const whole = /^(\d+) +(\w+)\((.*)\) += (.*)$/
const unfinished = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/
const resumed = /^(\d+) +<\.\.\. \w+ resumed>(.*)\) += (.*)$/

/** The calls of a trace, in the order in which they ended. */
export function parseTrace(text: string): Call[] {
  const calls: Call[] = []
  const begun = new Map<string, { readonly name: string; readonly args: string; readonly start: number }>()
  const opened = new Map<string, string>()
  const add = (name: string, args: string, result: string, start: number, end: number) => {
    const call = { name, args, result, paths: pathsOf(args, opened), start, end }
    const descriptor = /^(\d+)<(.*)>$/.exec(result)
    if (descriptor) opened.set(descriptor[1] as string, descriptor[2] as string)
    calls.push(call)
  }
  for (const [at, line] of text.split('\n').entries()) {
    const [, id = '', name = '', args = '', result = ''] = whole.exec(line) ?? []
    if (name !== '') add(name, args, result, at, at)
    const begin = unfinished.exec(line)
    if (begin) begun.set(begin[1] as string, { name: begin[2] as string, args: begin[3] as string, start: at })
    const end = id === '' ? resumed.exec(line) : null
    const first = end && begun.get(end[1] as string)
    if (end && first) add(first.name, `${first.args}${end[2]}`, end[3] as string, first.start, at)
  }
  return calls
}

/** The steps of one durable upload, in order. */
export const steps = ['write', 'fsync of the file', 'link', 'unlink', 'fsync of the folder', 'answer'] as const

/** The calls that make up a step; of the fsyncs all of that file or folder. */
export function callsOf(step: (typeof steps)[number], calls: readonly Call[], { folder, name }: Uploaded): Call[] {
  const hidden = `${folder}/.dropgate/`
  const final = `${folder}/${name}`
  const isTemporary = (path: string | undefined) => path?.startsWith(hidden) === true
  const tests: Record<typeof step, (call: Call) => boolean> = {
    write: call => isWrite(call) && isTemporary(call.paths[0]),
    'fsync of the file': call => isSync(call) && isTemporary(call.paths[0]),
    link: call => /^link(at)?$/.test(call.name) && isTemporary(call.paths[0]) && call.paths[1] === final,
    unlink: call => /^unlink(at)?$/.test(call.name) && isTemporary(call.paths[0]),
    'fsync of the folder': call => isSync(call) && call.paths[0] === folder,
    answer: call => /^(write|writev|sendto|sendmsg)$/.test(call.name) && call.args.includes('"HTTP/1.1 201 '),
  }
  return calls.filter(call => succeeded(call) && tests[step](call))
}

/** What is wrong with the order of the steps, as sentences; none if the upload was durable before it was answered. */
export function brokenPromises(calls: readonly Call[], uploaded: Uploaded): string[] {
  const broken: string[] = []
  const writes = callsOf('write', calls, uploaded)
  const written = writes.reduce((sum, { result }) => sum + Number.parseInt(result, 10), 0)
  if (written !== uploaded.size) broken.push(`write: ${written} of ${uploaded.size} bytes`)
  let done = Math.max(-1, ...writes.map(({ end }) => end))
  for (const step of steps.slice(1)) {
    const next = callsOf(step, calls, uploaded).find(({ start }) => start > done)
    if (next) done = next.end
    else broken.push(`${step}: does not come after what must come before it`)
  }
  return broken
}

/** The same for a folder that was made for the upload: itself and the folder it stands in are fsynced. */
export function brokenFolderPromises(calls: readonly Call[], folder: string, uploaded: Uploaded): string[] {
  const made = calls.find(call => succeeded(call) && /^mkdir(at)?$/.test(call.name) && call.paths[0] === folder)
  if (!made) return [`${folder} was not made`]
  const answer = callsOf('answer', calls, uploaded)[0]?.start ?? -1
  return [folder, folder.slice(0, folder.lastIndexOf('/'))]
    .filter(
      path => !calls.some(call => isSync(call) && call.paths[0] === path && call.start > made.end && call.end < answer),
    )
    .map(path => `${path}: no fsync between mkdir and answer`)
}

/** Whether a call waits for stable storage, or opens a file whose every write does. */
export function waitsForDisk(call: Call): boolean {
  return isSync(call) || /\bO_D?SYNC\b/.test(call.args)
}

function isSync({ name }: Call): boolean {
  return name === 'fsync' || name === 'fdatasync'
}

function isWrite({ name }: Call): boolean {
  return /^p?write(v|64)?$/.test(name)
}

function succeeded({ result }: Call): boolean {
  return !result.startsWith('-1')
}

function pathsOf(args: string, opened: ReadonlyMap<string, string>): string[] {
  const descriptor = /^\d+<([^>]*)>/.exec(args)
  if (descriptor) return [descriptor[1] as string]
  return [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = '']) =>
    path.replace(/^\/proc\/(?:self|\d+)\/fd\/(\d+)/, (link, number: string) => opened.get(number) ?? link),
  )
}
