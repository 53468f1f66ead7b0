/** Medians, spreads, and ratios that are taken within a round. */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The value that `share` of all are below or at. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

/** Distance from the least to the greatest, as a share of the median. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values)
}

/**
 * What was measured in one scenario: a sample for each case, contender and round. A round that failed leaves a hole, so
 * that the rounds of two contenders still belong together.
 */
export class Table {
  /** @type {Map<string, { case: string, contender: string, rounds: (Record<string, number> | undefined)[] }>} */
  #rows = new Map()
  /** Why there is no figure, by row. */
  #failures = new Map()

  add(caseName, contender, round, sample) {
    this.#row(caseName, contender).rounds[round] = sample
  }

  /** A wrong byte or a failed request: the whole row has no figures. */
  fail(caseName, contender, reason) {
    this.#row(caseName, contender)
    this.#failures.set(keyOf(caseName, contender), reason)
  }

  /** Rows in the order in which they were first measured. */
  rows() {
    return [...this.#rows].map(([key, row]) => ({ ...row, failure: this.#failures.get(key) }))
  }

  /** All values of one column, one for each round that went well; empty for a row that failed. */
  values(caseName, contender, column) {
    if (this.#failures.has(keyOf(caseName, contender))) return []
    const rounds = this.#rows.get(keyOf(caseName, contender))?.rounds ?? []
    return rounds.map(sample => sample?.[column]).filter(value => value !== undefined)
  }

  /** Undefined where there is none. */
  median(caseName, contender, column) {
    const values = this.values(caseName, contender, column)
    return values.length > 0 ? median(values) : undefined
  }

  /**
   * The median of the ratios of each round: what disturbed the machine during a round disturbed both.
   *
   * @param {[string, string]} one case and contender
   * @param {[string, string]} other to which it is compared
   */
  ratio(one, other, column) {
    const [ones, others] = [one, other].map(([caseName, contender]) => {
      const key = keyOf(caseName, contender)
      return this.#failures.has(key) ? [] : (this.#rows.get(key)?.rounds ?? [])
    })
    const ratios = ones.flatMap((sample, round) => {
      const [a, b] = [sample?.[column], others[round]?.[column]]
      return a === undefined || b === undefined ? [] : [a / b]
    })
    return ratios.length > 0 ? median(ratios) : undefined
  }

  /** The contender with the best median among those named, or undefined. */
  best(caseName, contenders, column, better = 'more') {
    let best
    for (const contender of contenders) {
      const value = this.median(caseName, contender, column)
      if (value === undefined) continue
      if (!best || (better === 'more' ? value > best.value : value < best.value)) best = { contender, value }
    }
    return best?.contender
  }

  /** For the results on disk. */
  toJSON() {
    return this.rows()
  }

  /** From the results on disk. */
  static from(rows) {
    const table = new Table()
    for (const { case: caseName, contender, rounds, failure } of rows) {
      for (const [round, sample] of rounds.entries()) table.add(caseName, contender, round, sample ?? undefined)
      if (failure) table.fail(caseName, contender, failure)
    }
    return table
  }

  #row(caseName, contender) {
    const key = keyOf(caseName, contender)
    let row = this.#rows.get(key)
    if (!row) {
      row = { case: caseName, contender, rounds: [] }
      this.#rows.set(key, row)
    }
    return row
  }
}

function keyOf(caseName, contender) {
  return `${caseName}\n${contender}`
}
