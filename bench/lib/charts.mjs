/** Bar charts as SVG, drawn by Vega without a browser. */
import * as vega from 'vega'
import { titleOf } from './contenders.mjs'

const colours = { ours: '#2563eb', peer: '#94a3b8', bound: '#d4b106' }
const font = 'system-ui, sans-serif'

/**
 * One panel of horizontal bars, the best at the top; whiskers reach from the least to the greatest round.
 *
 * @param {{ title: string, unit: string, bars: { contender: string, median: number, least: number, greatest: number }[],
 *   better?: 'more' | 'less' }} chart
 * @returns {Promise<string>} SVG
 */
export async function barChart({ title, unit, bars, better = 'more' }) {
  const sorted = bars.toSorted((a, b) => (better === 'more' ? b.median - a.median : a.median - b.median))
  const values = sorted.map(bar => ({ ...bar, name: titleOf(bar.contender), colour: colours[kindOf(bar.contender)] }))
  const view = new vega.View(vega.parse(specification({ title, unit, better, values })), { renderer: 'none' })
  return `${await view.toSVG()}\n`
}

function kindOf(contender) {
  if (contender.startsWith('dropgate')) return 'ours'
  return contender.startsWith('raw-') || contender === 'scan-floor' ? 'bound' : 'peer'
}

function specification({ title, unit, better, values }) {
  return {
    width: 460,
    height: values.length * 24,
    padding: 12,
    background: 'white',
    title: { text: title, anchor: 'start', font, fontSize: 14, offset: 10 },
    data: [{ name: 'bars', values }],
    scales: [
      { name: 'y', type: 'band', domain: { data: 'bars', field: 'name' }, range: 'height', padding: 0.25 },
      { name: 'x', domain: { data: 'bars', field: 'greatest' }, range: 'width', nice: true, zero: true },
    ],
    axes: [
      { orient: 'left', scale: 'y', labelFont: font, labelFontSize: 12, labelLimit: 0, domain: false, ticks: false },
      {
        orient: 'bottom',
        scale: 'x',
        title: `${unit} (${better} is better)`,
        titleFont: font,
        titleFontWeight: 'normal',
        labelFont: font,
        tickCount: 5,
        grid: true,
        gridColor: '#e5e7eb',
        domain: false,
      },
    ],
    marks: [bars(), whiskers(), labels()],
  }
}

function bars() {
  return {
    type: 'rect',
    from: { data: 'bars' },
    encode: {
      enter: {
        y: { scale: 'y', field: 'name' },
        height: { scale: 'y', band: 1 },
        x: { scale: 'x', value: 0 },
        x2: { scale: 'x', field: 'median' },
        fill: { field: 'colour' },
      },
    },
  }
}

function whiskers() {
  return {
    type: 'rule',
    from: { data: 'bars' },
    encode: {
      enter: {
        y: { scale: 'y', field: 'name', band: 0.5 },
        x: { scale: 'x', field: 'least' },
        x2: { scale: 'x', field: 'greatest' },
        stroke: { value: '#111827' },
      },
    },
  }
}

function labels() {
  return {
    type: 'text',
    from: { data: 'bars' },
    encode: {
      enter: {
        y: { scale: 'y', field: 'name', band: 0.5 },
        x: { scale: 'x', field: 'greatest', offset: 5 },
        baseline: { value: 'middle' },
        font: { value: font },
        fontSize: { value: 11 },
        text: { signal: "format(datum.median, datum.median < 10 ? '.2f' : ',.0f')" },
      },
    },
  }
}
