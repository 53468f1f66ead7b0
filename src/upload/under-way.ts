/** What can be in an {@link UnderWay}. */
export interface Traveller {
  /** Its place there; nobody else's business. */
  place: number
}

/**
 * What is under way right now: a set for things that come and go by the thousand.
 *
 * A `Set` makes itself a new table after every few deletions, and each old one leads to the next. Once such a table is
 * old enough for the collector of young objects to leave it alone, it keeps all that was in it and in its successors,
 * dead as they are, until the next collection of everything (decisions/0019).
 */
export class UnderWay<T extends Traveller> {
  readonly #all: T[] = []

  get size(): number {
    return this.#all.length
  }

  /** Adds what is in no set of this kind. */
  add(one: T): void {
    one.place = this.#all.length
    this.#all.push(one)
  }

  /** Takes it out; nothing happens if it is not there. The last one gets its place. */
  delete(one: T): void {
    const { place } = one
    if (this.#all[place] !== one) return
    const last = this.#all.pop() as T
    if (last === one) return
    last.place = place
    this.#all[place] = last
  }

  /** Each of them, who may be taken out meanwhile: from the end, because only those already seen change places. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#all.length - 1; at >= 0; at--) {
      const one = this.#all[at]
      if (one) yield one
    }
  }
}
