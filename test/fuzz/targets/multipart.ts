/** The multipart parser: against the model, and against itself at other cuts. */
import fc from 'fast-check'
import {
  defaultMultipartLimits,
  type MultipartLimits,
  MultipartParser,
  type MultipartParserOptions,
  type MultipartTools,
} from '../../../src/sansio/multipart/parser.ts'
import { nativeMultipartTools } from '../../../src/upload/native-tools.ts'
import { advisories } from '../../bodies/advisories/index.ts'
import { bodies } from '../../bodies/index.ts'
import { type ModelPart, modelMultipart } from '../models/multipart.ts'
import type { Random } from '../random.ts'
import { must, outcome, Problem, shown, type Target, type Tools } from '../target.ts'

/** Limits are part of an input: the number before its body. Small ones, so that they are met. */
const limitSets: readonly Readonly<MultipartLimits>[] = [
  defaultMultipartLimits,
  { ...defaultMultipartLimits, maxParts: 3, maxFiles: 2, maxFields: 2, maxFieldSize: 10, maxFieldNameSize: 8 },
  { ...defaultMultipartLimits, maxHeaderSize: 80, maxHeaders: 2, maxPreamble: 10, maxFieldSize: 40 },
]

/** Longer inputs are not given to the model. */
const short = 3000

const pieces = ['\r', '\n', '-', ' ', '\t', 'a', '\0', '\xff', '\r\n', '\r\n--b', '--b', '\r\n--b--', ' '.repeat(1025)]
const lines = [
  'Content-Disposition: form-data; name="a"',
  'Content-Disposition: form-data; name="f"; filename="a.txt"',
  'Content-Disposition: form-data; name="f"; filename="\xc3\xa4 %22\\"; x"',
  "content-disposition:form-data; name=f; filename*=UTF-8''a; filename=b",
  'Content-Disposition: form-data; filename="a"',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: binary',
  'Content-Transfer-Encoding: base64',
  '__proto__: 1',
  'X: y',
]
const boundaries = ['b', 'aaaa', '--', 'boundary', "a:b'c d", '----WebKitFormBoundary7MA4YWxkTrZu0gW9']

/** What is fuzzed; broken ones are put in its place to see that they are found. */
export interface ParserUnderTest {
  push(chunk: Uint8Array): void
  read(): ReturnType<MultipartParser['read']>
  end(): void
}

type Create = (boundary: string, options: MultipartParserOptions) => ParserUnderTest

interface Outcome {
  /** Parts that were whole, and how the body ended. */
  readonly parts: readonly ModelPart[]
  readonly end: 'whole' | string
}

const structured = fc
  .record({
    boundary: fc.constantFrom(...boundaries),
    limits: fc.nat(limitSets.length - 1),
    preamble: fc.constantFrom('', '', '', '\r\n', 'p\r\n', '--'),
    parts: fc.array(
      fc.record({
        head: fc.oneof(
          { weight: 4, arbitrary: fc.nat(2).map(n => [lines[n] as string]) },
          { weight: 1, arbitrary: fc.array(fc.constantFrom(...lines), { maxLength: 4 }) },
        ),
        padding: fc.constantFrom('', '', '', ' ', '\t '),
        content: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(list => list.join('')),
      }),
      { maxLength: 4 },
    ),
    end: fc.constantFrom('--\r\n', '--\r\n', '--', '-- \r\nepilogue', '--x', '', '-'),
  })
  .map(({ boundary, limits, preamble, parts, end }) => {
    const text = parts.map(
      ({ head, padding, content }) =>
        `--${boundary}${padding}\r\n${head.map(line => `${line}\r\n`).join('')}\r\n${content.replaceAll('--b', `--${boundary}`)}\r\n`,
    )
    return `${limits}${boundary}\n${preamble}${text.join('')}--${boundary}${end}`
  })

/** @param create makes the parser that is fuzzed */
export function multipartTarget(
  create: Create = (boundary, options) => new MultipartParser(boundary, options),
): Target {
  return {
    name: 'multipart',
    weight: 8,
    dictionary: [...pieces, ...lines, ...boundaries, '\r\n\r\n', '; name="a"', '; filename=""', 'form-data', '\r\n '],
    seeds: [...bodies, ...advisories.flatMap(bodiesOf)]
      .filter(({ body }) => body.length <= short)
      .map(({ boundary, body }) => `0${boundary}\n${body.toString('latin1')}`),
    structured,
    check: (input, tools) => check(create, input, tools),
  }
}

function bodiesOf({ inputs = [] }: (typeof advisories)[number]) {
  return inputs.flatMap(input => (input.face === 'body' ? [input.fixture] : []))
}

function check(create: Create, input: string, tools: Tools): string {
  const lineEnd = input.indexOf('\n')
  const limits = limitSets[input.charCodeAt(0) % limitSets.length] as Readonly<MultipartLimits>
  const boundary = input.slice(1, Math.max(1, lineEnd))
  const body = Buffer.from(input.slice(lineEnd + 1), 'latin1')
  const text = body.toString('latin1')
  const { random } = tools
  const feedWith = (chunks: readonly Uint8Array[], multipartTools?: MultipartTools) =>
    tools.timed(
      () => feed(create, boundary, chunks, { limits, ...(multipartTools && { tools: multipartTools }) }),
      chunks.length,
    )

  const whole = feedWith([body])
  const same = (how: string, other: Outcome) => {
    if (JSON.stringify(other) === JSON.stringify(whole)) return
    throw new Problem('chunking', `${how}: ${shown(other)} instead of ${shown(whole)}`)
  }
  same('with native tools', feedWith([body], nativeMultipartTools))
  const cuts = randomCuts(body, random)
  same(`cut at random (${cuts.map(cut => cut.length)})`.slice(0, 200), feedWith(cuts))
  if (random.once(4)) same('cut at random, native tools', feedWith(cuts, nativeMultipartTools))
  const isShort = body.length <= short
  if (random.once(isShort ? 8 : 3)) same('byte by byte', feedWith(byteByByte(body)))
  if (isShort && whole.end !== 'bad boundary') compare(whole, modelMultipart(boundary, text, limits))
  const shape = whole.parts.map(part => (part.filename === undefined ? 'v' : part.filename === '' ? 'e' : 'f')).join('')
  return `${whole.end} ${shape.slice(0, 6)}`
}

function compare(whole: Outcome, model: ReturnType<typeof modelMultipart>): void {
  const fits = model.refused ? model.refused.includes(whole.end) : whole.end === 'whole'
  if (fits && JSON.stringify(whole.parts) === JSON.stringify(model.parts)) return
  throw new Problem(
    'model',
    `${shown(whole)} instead of ${shown({ parts: model.parts, end: model.refused ?? 'whole' })}`,
  )
}

/** Chunks are overwritten after they have been read out, as a server with one buffer does. */
function feed(
  create: Create,
  boundary: string,
  chunks: readonly Uint8Array[],
  options: MultipartParserOptions,
): Outcome {
  const made = outcome(() => create(boundary, options))
  if (made.refused !== undefined) return { parts: [], end: 'bad boundary' }
  const parser = made.value
  const parts: ModelPart[] = []
  let open: ModelPart | undefined
  let content: Buffer[] = []
  let isEnded = false
  const result = outcome(() => {
    for (const bytes of chunks) {
      const chunk = Buffer.from(bytes)
      parser.push(chunk)
      for (let event = parser.read(); event; event = parser.read()) {
        must(
          !isEnded && (event.type === 'part' || event.type === 'end') === (open === undefined),
          () => `${event?.type} out of turn`,
        )
        if (event.type === 'part') {
          const { name, filename, type } = event.part
          must(name !== '', () => 'a part without a name')
          open = { name, filename, type, content: '' }
          content = []
        } else if (event.type === 'data') {
          must(event.bytes.length > 0, () => 'an empty span')
          content.push(Buffer.from(event.bytes))
        } else if (event.type === 'part-end') {
          parts.push({ ...(open as ModelPart), content: Buffer.concat(content).toString('latin1') })
          open = undefined
        } else {
          isEnded = true
        }
      }
      chunk.fill(0x2a)
    }
    parser.end()
  })
  if (result.refused === undefined) must(isEnded, () => 'neither an end nor an error')
  return { parts, end: result.refused ?? 'whole' }
}

function randomCuts(body: Buffer, random: Random): Uint8Array[] {
  const count = 1 + random.below(12)
  const places = Array.from({ length: count }, () => random.below(body.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((place, n) => body.subarray(place, places[n] ?? body.length))
}

function byteByByte(body: Buffer): Uint8Array[] {
  return Array.from(body, (_, i) => body.subarray(i, i + 1))
}
