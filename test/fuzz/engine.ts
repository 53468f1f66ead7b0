/** One round of fuzzing: chooses inputs, runs them, keeps what leads somewhere new, shrinks what fails. */
import fc from 'fast-check'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { keptSeeds } from './seeds.ts'
import { shrink } from './shrink.ts'
import { longestCall, Problem, type Target, type Tools } from './target.ts'

/** Everything that is needed to run an input again. */
export interface Case {
  readonly target: string
  readonly input: string
  /** Decides over cuts and the like. */
  readonly seed: number
}

/** An input that did what no input may do. */
export interface Failure extends Case {
  readonly kind: Problem['kind']
  readonly problem: string
  /** Letters of the input before it was shrunk. */
  readonly shrunkFrom: number
}

export interface RoundOptions {
  readonly targets: readonly Target[]
  readonly inputs: number
  readonly seed: number
  /** The round ends with so many failures. Default 10. */
  readonly maxFailures?: number
  /** How long a failing input is shrunk. Default 5 s. */
  readonly shrinkMs?: number
  /** Called before an input is run: if it never ends, this was the last one. */
  readonly before?: (one: Case) => void
  readonly progress?: (done: number) => void
}

export interface RoundResult {
  readonly inputs: number
  readonly perTarget: ReadonlyMap<string, number>
  /** Outcomes of different kinds. */
  readonly outcomes: number
  readonly failures: readonly Failure[]
  /** Milliseconds of the longest call of each target. */
  readonly longest: ReadonlyMap<string, number>
}

/** How many inputs that led somewhere new are kept for each target. */
const mostKept = 2000
const batch = 500

/** One target's inputs. */
class Source {
  readonly target: Target
  readonly #pool: string[]
  readonly #seen = new Set<string>()
  readonly #random: Random
  #structured: string[] = []

  constructor(target: Target, random: Random) {
    this.target = target
    this.#random = random
    this.#pool = [...target.seeds, ...keptSeeds(target.name).map(({ input }) => input)]
  }

  next(): string {
    const random = this.#random
    const fresh = random.below(3) > 0
    const input = fresh ? this.#fresh() : random.pick(this.#pool)
    if (fresh && random.once(2)) return input
    return mutate(input, random, this.target.dictionary, this.#pool)
  }

  /** @returns whether the outcome is a new one */
  learn(input: string, outcome: string): void {
    if (this.#seen.has(outcome) || this.#seen.size >= mostKept) return
    this.#seen.add(outcome)
    if (input.length <= 4096) this.#pool.push(input)
  }

  get outcomes(): number {
    return this.#seen.size
  }

  #fresh(): string {
    if (this.#structured.length === 0) {
      this.#structured = fc.sample(this.target.structured, { numRuns: batch, seed: this.#random.bits() | 0 })
    }
    return this.#structured.pop() as string
  }
}

export function runRound(options: RoundOptions): RoundResult {
  const { targets, inputs, seed, maxFailures = 10, shrinkMs = 5_000 } = options
  const random = new Random(seed)
  const sources = targets.map(target => new Source(target, new Random(random.bits())))
  const turns = sources.flatMap(source => Array.from({ length: source.target.weight }, () => source))
  const failures: Failure[] = []
  const perTarget = new Map<string, number>()
  const longest = new Map<string, number>()
  let done = 0
  const run = (source: Source, input: string, caseSeed: number) => {
    const { target } = source
    const one = { target: target.name, input, seed: caseSeed }
    options.before?.(one)
    const result = runCase(target, one)
    done++
    perTarget.set(target.name, (perTarget.get(target.name) ?? 0) + 1)
    longest.set(target.name, Math.max(longest.get(target.name) ?? 0, result.longest))
    if (result.problem === undefined) return source.learn(input, result.outcome)
    const found = failureOf(target, one, result.problem, shrinkMs)
    // One failure of a kind and a target is enough to look at.
    if (!failures.some(({ target: name, kind }) => name === found.target && kind === found.kind)) failures.push(found)
  }
  for (const source of sources) {
    for (const { input, seed: kept } of keptSeeds(source.target.name)) run(source, input, kept)
    for (const input of source.target.seeds) if (failures.length < maxFailures) run(source, input, random.bits())
  }
  while (done < inputs && failures.length < maxFailures) {
    const source = random.pick(turns)
    run(source, source.next(), random.bits())
    if (done % 10_000 === 0) options.progress?.(done)
  }
  const outcomes = sources.reduce((sum, source) => sum + source.outcomes, 0)
  return { inputs: done, perTarget, outcomes, failures, longest }
}

/**
 * What came of a case. A call that seems slow is measured again by the processor time it takes: the machine may have
 * been busy with something else.
 */
export function runCase(
  target: Target,
  one: Case,
): { outcome: string; problem?: undefined; longest: number } | { problem: Problem; longest: number } {
  let last = attempt(target, one, () => performance.now())
  for (let again = 0; again < 4 && last.problem?.kind === 'slow' && again <= last.times; again++) {
    last = attempt(target, one, processorMs)
  }
  return last
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** @returns also how many further attempts a slow call deserves: far over the limit, one is enough */
function attempt(
  target: Target,
  { input, seed }: Case,
  clock: () => number,
): ReturnType<typeof runCase> & { readonly times: number } {
  let longest = 0
  let over = ''
  let times = 4
  const timed: Tools['timed'] = (call, calls = 1) => {
    const begin = clock()
    try {
      return call()
    } finally {
      const took = clock() - begin
      // Of chunks that come one by one, each is a call of its own; what they cost together must stay linear.
      const allowed = longestCall + (calls - 1) / 200
      if (took > allowed) over = `${Math.round(took)} ms in ${calls} calls`
      if (took > allowed * 5) times = 0
      if (calls === 1) longest = Math.max(longest, took)
    }
  }
  try {
    const outcome = target.check(input, { random: new Random(seed), timed })
    if (over !== '') return { problem: new Problem('slow', over), longest, times }
    return { outcome, longest, times }
  } catch (error) {
    const problem =
      error instanceof Problem ? error : new Problem('throws', String(error instanceof Error ? error.stack : error))
    return { problem, longest, times }
  }
}

function failureOf(target: Target, one: Case, problem: Problem, shrinkMs: number): Failure {
  let smallest = problem
  const input = shrink(
    one.input,
    candidate => {
      const { problem: found } = runCase(target, { ...one, input: candidate })
      if (found?.kind !== problem.kind) return false
      smallest = found
      return true
    },
    shrinkMs,
  )
  return { ...one, input, kind: problem.kind, problem: smallest.message, shrunkFrom: one.input.length }
}
