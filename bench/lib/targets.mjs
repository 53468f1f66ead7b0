/** A claim that a scenario makes, and whether it holds. */

/**
 * @param {string} claim
 * @param {number | undefined} value undefined when it was not measured
 * @param {{ least?: number, most?: number, bold?: number, unit?: string, either?: string }} wanted `bold` is the harder
 *   goal of the same direction; of the claims with the same `either` one has to hold
 */
export function target(claim, value, { least, most, bold, unit = 'x', either }) {
  const holds = limit => (least === undefined ? value <= limit : value >= limit)
  const wanted = least ?? most
  const measured = value !== undefined
  return {
    claim,
    value: measured ? value : null,
    wanted,
    direction: least === undefined ? 'at most' : 'at least',
    unit,
    met: measured ? holds(wanted) : null,
    ...(either !== undefined && { either }),
    ...(bold !== undefined && { bold, boldMet: measured ? holds(bold) : null }),
  }
}

/** `met`, `missed`, or `not measured` when any part was not and none was missed. */
export function verdict(targets) {
  const names = new Set(targets.map(({ either }, index) => either ?? index))
  const goals = [...names].map(name => bestOf(targets.filter(({ either }, index) => (either ?? index) === name)))
  if (goals.includes(false)) return 'missed'
  return goals.includes(null) ? 'not measured' : 'met'
}

/** Of claims of which one has to hold. */
function bestOf(claims) {
  if (claims.some(({ met }) => met)) return true
  return claims.some(({ met }) => met === null) ? null : false
}

/** One line for people. */
export function sentence({ claim, value, wanted, direction, unit, met, bold, boldMet }) {
  const number = value === null ? 'not measured' : `${rounded(value)} ${unit}`
  const word = met === null ? '' : met ? 'met' : 'MISSED'
  const harder = bold === undefined ? '' : ` (bold ${rounded(bold)}: ${boldMet ? 'met' : 'missed'})`
  return `${word.padEnd(6)} ${claim}: ${number}, ${direction} ${rounded(wanted)}${met === null ? '' : harder}`
}

function rounded(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toFixed(2)).toString()
}
