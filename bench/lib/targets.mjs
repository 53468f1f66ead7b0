/** A claim that a scenario makes, and whether it holds. */

/**
 * @param {string} claim
 * @param {number | undefined} value undefined when it was not measured
 * @param {{ least?: number, most?: number, bold?: number, unit?: string }} wanted `bold` is the harder goal of the same
 *   direction
 */
export function target(claim, value, { least, most, bold, unit = 'x' }) {
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
    ...(bold !== undefined && { bold, boldMet: measured ? holds(bold) : null }),
  }
}

/** `met`, `missed`, or `not measured` when any part was not and none was missed. */
export function verdict(targets) {
  if (targets.some(({ met }) => met === false)) return 'missed'
  return targets.some(({ met }) => met === null) ? 'not measured' : 'met'
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
