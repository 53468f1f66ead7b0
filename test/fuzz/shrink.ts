/** Makes a failing input small, so that a person can read it. */

const mostRuns = 3_000

/**
 * @param fails whether a smaller input still fails in the same way
 * @param longestMs how long it may take
 * @returns the smallest one found in that time
 */
export function shrink(input: string, fails: (candidate: string) => boolean, longestMs = 5_000): string {
  const end = performance.now() + longestMs
  let runs = 0
  let best = input
  const better = (candidate: string) => {
    if (candidate === best || runs++ > mostRuns || performance.now() > end || !fails(candidate)) return false
    best = candidate
    return true
  }
  for (;;) {
    const before = best
    leaveOut(best, better)
    makePlain(best, better)
    if (best === before) return best
  }
}

/** Leaves out halves, quarters, … single letters. */
function leaveOut(input: string, better: (candidate: string) => boolean): void {
  let best = input
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length; ) {
      const candidate = best.slice(0, at) + best.slice(at + size)
      if (better(candidate)) best = candidate
      else at += size
    }
  }
}

/** Puts `a` in the place of what need not be as it is. */
function makePlain(input: string, better: (candidate: string) => boolean): void {
  let best = input
  for (let at = 0; at < best.length; at++) {
    if (best[at] === 'a') continue
    const candidate = `${best.slice(0, at)}a${best.slice(at + 1)}`
    if (better(candidate)) best = candidate
  }
}
