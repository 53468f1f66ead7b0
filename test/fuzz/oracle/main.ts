/** `npm run oracle`: see scripts/oracle.mjs for its arguments. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Random } from '../random.ts'
import { type BodyClass, classes, type Part, readClasses, refusedClasses } from './classes.ts'
import { outcomeOf, watchForCrashes, wordsOf } from './compare.ts'
import { type Decision, disagreements, parseDecisions, type Row, tableOf } from './decisions.ts'
import { type Reader, readers } from './peers.ts'

const document = new URL('../../../docs/multipart-decisions.md', import.meta.url)

/** How often a reader of a class is given more time before it counts as hanging. */
const patience = 3

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      bodies: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '20261122' },
      write: { type: 'boolean', default: false },
    },
  })
  const bodies = Number(values.bodies)
  const seed = Number(values.seed)
  if (!Number.isSafeInteger(bodies) || bodies < 1 || !Number.isSafeInteger(seed)) {
    console.error('--bodies and --seed are whole numbers.')
    return 2
  }
  const begin = performance.now()
  watchForCrashes()
  const all = readers()
  console.log(
    `oracle --bodies ${bodies} --seed ${seed}: ${all.map(({ name, version }) => `${name} ${version}`.trim()).join(', ')}`,
  )
  const { seen, count, same, wrong } = await compareAll(all, bodies, seed)
  const markdown = readFileSync(document, 'utf8')
  const decisions = parseDecisions(markdown)
  if (values.write) writeFileSync(document, rewritten(markdown, seen, decisions))
  const failures = [
    ...wrong,
    ...disagreements(seen, values.write ? parseDecisions(readFileSync(document, 'utf8')) : decisions),
  ]
  for (const sentence of failures) console.log(`FAILED  ${sentence}`)
  const kinds = [...seen.values()].flatMap(row => [...row.values()]).reduce((sum, outcomes) => sum + outcomes.size, 0)
  console.log(
    `${count} bodies of ${seen.size} classes, ${kinds} kinds of outcome; all six agree on ${same} bodies; ` +
      `${failures.length} failures, ${Math.round((performance.now() - begin) / 1000)} s`,
  )
  return failures.length === 0 ? 0 : 1
}

/** Gives every body to every reader. */
export async function compareAll(
  all: readonly Reader[],
  bodies: number,
  seed: number,
): Promise<{ seen: Map<string, Row>; count: number; same: number; wrong: string[] }> {
  const random = new Random(seed)
  const seen = new Map(classes.map(({ name }) => [name, new Map(all.map(reader => [reader.name, new Set<string>()]))]))
  const waited = new Map<string, number>()
  const wrong = new Set<string>()
  let count = 0
  let same = 0
  for (let round = 0; count < bodies; round++) {
    for (const one of classes) {
      if (round % (one.seldom ?? 1) !== 0 || count >= bodies) continue
      count++
      const words = await compareOne(one, all, random, waited)
      for (const [reader, word] of words) seen.get(one.name)?.get(reader)?.add(word)
      if (new Set(words.values()).size === 1) same++
      const own = words.get('dropgate')
      if (own !== 'same' && own !== 'refuses') wrong.add(`${one.name}: we are wrong: ${own}`)
    }
  }
  return { seen, count, same, wrong: [...wrong] }
}

async function compareOne(
  one: BodyClass,
  all: readonly Reader[],
  random: Random,
  waited: Map<string, number>,
): Promise<Map<string, string>> {
  const { contentType, body, expected } = one.make(random)
  const bytes = Buffer.from(body, 'latin1')
  const meant = typeof expected === 'string' ? undefined : expected
  const words = new Map<string, string>()
  for (const reader of all) {
    const key = `${one.name} ${reader.name}`
    const outcome = await outcomeOf(reader, contentType, bytes, (waited.get(key) ?? 0) < patience)
    if (outcome === 'hangs') waited.set(key, (waited.get(key) ?? 0) + 1)
    words.set(reader.name, reader.name === 'dropgate' ? ownWords(outcome, meant) : wordsOf(outcome, meant))
  }
  return words
}

/** We must do what the class says. */
function ownWords(outcome: Parameters<typeof wordsOf>[0], meant: readonly Part[] | undefined): string {
  const words = wordsOf(outcome, meant)
  return words === 'refuses' && meant ? 'refuses what it should read' : words
}

/** The document with its two tables as they were seen now; reasons stay. */
function rewritten(markdown: string, seen: ReadonlyMap<string, Row>, decisions: ReadonlyMap<string, Decision>): string {
  const names = (list: readonly BodyClass[]) => list.map(({ name }) => name)
  const tables = [tableOf(names(readClasses), seen, decisions), tableOf(names(refusedClasses), seen, decisions)]
  return markdown.replace(/(?<=<!-- table -->\n\n).*?(?=\n\n<!-- end -->)/gs, () => tables.shift() ?? '')
}
