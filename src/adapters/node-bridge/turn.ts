/**
 * What is ready in one turn of the event loop is done in a row (decisions/0018).
 *
 * Under load several requests are ready at once. Each of them carried through all of its steps before the next one is
 * looked at meets cold caches at every step, and wakes a client for each answer. The same step for all of them, then the
 * next step, takes a third less. A request alone would only lose by waiting: nothing waits until a turn had several.
 */

/** Turns with a single request until nothing waits any more: between two crowded turns there is often one of them. */
const patience = 16
/** As many turns more count as crowded. */
let crowded = 0
/** Requests that have come whole in this turn. */
let requests = 0
let waiting: (() => void)[] = []

/**
 * Goes on with a request that has come whole: at once, or when everything was read that has come to this process.
 *
 * @param work must not throw: others wait behind it
 */
export function endWithOthers(work: () => void): void {
  begin()
  requests++
  if (crowded > 0) waiting.push(work)
  else work()
}

/**
 * Writes an answer: at once, or together with the others of this turn.
 *
 * @param work must not throw: others wait behind it
 */
export function answerWithOthers(work: () => void): void {
  if (crowded > 0) {
    begin()
    waiting.push(work)
  } else work()
}

function begin(): void {
  if (requests === 0 && waiting.length === 0) setImmediate(endTurn)
}

function endTurn(): void {
  const all = waiting
  waiting = []
  // A turn of nothing but answers tells nothing.
  if (requests > 1) crowded = patience
  else if (requests === 1 && crowded > 0) crowded--
  requests = 0
  for (const work of all) work()
}
