/** Small harm, done to a text in which one letter is one byte. */
import type { Random } from './random.ts'

/** Letters that delimit something somewhere. */
const letters = [
  '\r',
  '\n',
  '\r\n',
  '-',
  '--',
  ' ',
  '\t',
  '"',
  '\\',
  ';',
  ':',
  '=',
  ',',
  '%',
  '\0',
  '\x7f',
  '\xff',
  '0',
]
const longest = 4096
/** What an input grows to when a piece of it is repeated, to see quadratic time. */
const blownUp = [2_000, 16_000, 64_000]

type Change = (input: string, random: Random, dictionary: readonly string[], others: readonly string[]) => string

const changes: readonly Change[] = [
  // Leave out, double, move.
  (input, random) => splice(input, range(input, random), ''),
  (input, random) => {
    const [start, end] = range(input, random)
    return input.slice(0, end) + input.slice(start)
  },
  (input, random) => {
    const [start, end] = range(input, random)
    const rest = input.slice(0, start) + input.slice(end)
    const at = random.below(rest.length + 1)
    return rest.slice(0, at) + input.slice(start, end) + rest.slice(at)
  },
  // Put in.
  (input, random) => insert(input, random, random.pick(letters)),
  (input, random, dictionary) => insert(input, random, random.pick(dictionary)),
  (input, random) => insert(input, random, String.fromCharCode(random.below(256))),
  // Put in place of something.
  (input, random) => splice(input, one(input, random), random.pick(letters)),
  (input, random, dictionary) => splice(input, range(input, random), random.pick(dictionary)),
  (input, random) => {
    const [at, end] = one(input, random)
    return splice(input, [at, end], String.fromCharCode(input.charCodeAt(at) ^ (1 << random.below(8))))
  },
  // A line more, a line less.
  (input, random) => {
    const lines = input.split('\r\n')
    lines.splice(random.below(lines.length + 1), random.below(2), random.pick(lines))
    return lines.join('\r\n')
  },
  // Cut short; begin like this and end like another.
  (input, random) => input.slice(0, random.below(input.length + 1)),
  (input, random, _dictionary, others) => {
    const other = random.pick(others)
    return input.slice(0, random.below(input.length + 1)) + other.slice(random.below(other.length + 1))
  },
  // Another number, other capitals.
  (input, random) =>
    input.replace(/\d+/g, digits =>
      random.once(3) ? random.pick(['0', '-1', '1e3', '9'.repeat(20), '01', `${digits}0`]) : digits,
    ),
  (input, random) => {
    const [start, end] = range(input, random)
    const piece = input.slice(start, end)
    return splice(input, [start, end], random.once(2) ? piece.toUpperCase() : piece.toLowerCase())
  },
]

/**
 * Changes an input in one to four ways; once in 250 times a piece of it is repeated until it is long.
 *
 * @param dictionary pieces that mean something to the parser
 * @param others inputs to borrow from
 */
export function mutate(
  input: string,
  random: Random,
  dictionary: readonly string[],
  others: readonly string[],
): string {
  let changed = input
  for (let n = random.below(4); n >= 0; n--) changed = random.pick(changes)(changed, random, dictionary, others)
  if (!random.once(250)) return changed.slice(0, longest)
  const [start, end] = range(changed, random)
  const piece = changed.slice(start, end) || random.pick(dictionary) || 'a'
  const times = Math.ceil(random.pick(blownUp) / piece.length)
  return changed.slice(0, start).slice(0, longest) + piece.repeat(times) + changed.slice(end).slice(0, longest)
}

/** A short range, mostly; seldom a long one. */
function range(input: string, random: Random): [start: number, end: number] {
  const start = random.below(input.length + 1)
  const length = random.once(4) ? random.below(input.length + 1) : random.below(8)
  return [start, Math.min(input.length, start + length)]
}

function one(input: string, random: Random): [start: number, end: number] {
  const start = random.below(Math.max(1, input.length))
  return [start, Math.min(input.length, start + 1)]
}

function insert(input: string, random: Random, piece: string): string {
  const at = random.below(input.length + 1)
  return input.slice(0, at) + piece + input.slice(at)
}

function splice(input: string, [start, end]: readonly [number, number], piece: string): string {
  return input.slice(0, start) + piece + input.slice(end)
}
