/** The command line of the bench. */
import { parseArgs } from 'node:util'
import { wrongArgument } from '../../scripts/command-line.mjs'

const help = `npm run bench [-- options]

Dropgate and its JavaScript peers, side by side: each in a process of its own, driven by a separate client, in turns over
several rounds; what they stored is checked. Takes about an hour; close everything else meanwhile. Writes tables and charts
to docs/benchmarks.md, and every single figure to bench/results.

  --quick             smaller files, fewer peers, one or two rounds; ends within 3 minutes. The figures are rough, and
                      docs/benchmarks.md stays as it is.
  --only WORD         only scenarios of this letter, or rows of contenders whose name holds this word; may be repeated:
                      --only a --only c --only multer. With a contender's name, docs/benchmarks.md stays as it is.
  --rounds N          how often each contender is measured (default 5; with --quick 1; docs/benchmarks.md needs 3)
  --dir FOLDER        where files are stored (default: the system's temporary folder). A new folder is made inside and
                      deleted at the end. Choose one on a local disk: a network share measures the network.
  --docs              measures nothing; writes docs/benchmarks.md again from bench/results
  --help              this text

Examples
  npm run bench -- --quick
  npm run bench -- --only a --only dropgate --only raw --rounds 3
  npm run bench -- --dir /mnt/fast-disk

Scenarios
`

/** @param {{ letter: string, title: string }[]} scenarios */
export function helpOf(scenarios) {
  return help + scenarios.map(({ letter, title }) => `  ${letter}  ${title}`).join('\n')
}

/**
 * @param {{ letter: string }[]} scenarios to tell letters from contenders
 * @returns {{ quick: boolean, rounds: number, dir: string | undefined, docs: boolean, letters: string[], words: string[] }}
 */
export function readArguments(scenarios) {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      dir: { type: 'string' },
      docs: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1) throw wrongArgument('--rounds needs a whole number from 1 on.')
  const known = new Set(scenarios.map(({ letter }) => letter))
  return {
    quick: values.quick,
    rounds,
    dir: values.dir,
    docs: values.docs,
    letters: values.only.filter(word => known.has(word)),
    words: values.only.filter(word => !known.has(word)),
  }
}
