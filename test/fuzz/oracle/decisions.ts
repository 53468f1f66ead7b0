/** The list in docs/multipart-decisions.md: read, and held against what was seen. */

/** What was seen of one class: for each reader the words of its outcomes. */
export type Row = ReadonlyMap<string, ReadonlySet<string>>

export interface Decision {
  readonly row: Row
  readonly why: string
}

/**
 * The tables of the document: rows whose first cell is a class in backticks; their columns are the readers, the last
 * one is the reason.
 */
export function parseDecisions(markdown: string): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>()
  let header: readonly string[] = []
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split('|')
          .map(cell => cell.trim())
      : []
    const name = /^`(.+)`$/.exec(cells[0] ?? '')?.[1]
    if (cells[0] === 'class') header = cells.slice(1, -1)
    if (name === undefined) continue
    const row = new Map(header.map((reader, n) => [reader, new Set((cells[n + 1] ?? '').split(' / '))]))
    decisions.set(name, { row, why: cells.at(-1) ?? '' })
  }
  return decisions
}

/** What is not in the list, or in the list and not so: sentences, one for each class and reader. */
export function disagreements(seen: ReadonlyMap<string, Row>, decisions: ReadonlyMap<string, Decision>): string[] {
  const found: string[] = []
  for (const [name, row] of seen) {
    const decision = decisions.get(name)
    if (!decision) {
      found.push(`${name}: not in the list`)
      continue
    }
    if (decision.why === '' || decision.why === '?') found.push(`${name}: no reason is given`)
    for (const [reader, outcomes] of row) {
      const listed = decision.row.get(reader) ?? new Set()
      for (const outcome of outcomes)
        if (!listed.has(outcome)) found.push(`${name}: ${reader}: ${outcome} is not in the list`)
      for (const outcome of listed)
        if (!outcomes.has(outcome)) found.push(`${name}: ${reader}: ${outcome} is listed and was not seen`)
    }
  }
  for (const name of decisions.keys()) if (!seen.has(name)) found.push(`${name}: there is no such class`)
  return found
}

/** A table of the document. */
export function tableOf(
  names: readonly string[],
  seen: ReadonlyMap<string, Row>,
  decisions: ReadonlyMap<string, Decision>,
): string {
  const readers = [...(seen.get(names[0] ?? '')?.keys() ?? [])]
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(['class', ...readers, 'why']),
    line(Array.from({ length: readers.length + 2 }, () => '---')),
    ...names.map(name => {
      const cells = readers.map(reader => [...(seen.get(name)?.get(reader) ?? [])].sort().join(' / '))
      return line([`\`${name}\``, ...cells, decisions.get(name)?.why ?? '?'])
    }),
  ].join('\n')
}
