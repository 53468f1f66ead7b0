/**
 * A second reader of multipart bodies, written from RFC 2046 and RFC 7578 and our decisions, not from the code: it has
 * the whole body in one text and may search it again and again.
 */
import type { MultipartLimits } from '../../../src/sansio/multipart/parser.ts'
import { modelName, modelParameters } from './parameters.ts'

export interface ModelPart {
  readonly name: string
  readonly filename: string | undefined
  readonly type: string
  readonly content: string
}

/** The parts up to the end or the error. Where two refusals are possible, both are named. */
export interface ModelOutcome {
  readonly parts: readonly ModelPart[]
  readonly refused?: readonly string[]
}

interface Found {
  /** Where its CRLF begins. */
  readonly start: number
  readonly end: number
  readonly isClose: boolean
}

class Refusal extends Error {
  readonly codes: readonly string[]

  constructor(...codes: string[]) {
    super(codes.join(' '))
    this.codes = codes
  }
}

/** @param body one letter is one byte */
export function modelMultipart(boundary: string, body: string, limits: Readonly<MultipartLimits>): ModelOutcome {
  const parts: ModelPart[] = []
  try {
    // A delimiter at the very beginning borrows a CRLF that is not there.
    const text = `\r\n${body}`
    let delimiter = find(text, boundary, 0)
    if (!delimiter) throw new Refusal('malformed-multipart', 'ended-early')
    if (delimiter.start - 2 > limits.maxPreamble) throw new Refusal('malformed-multipart')
    while (!delimiter.isClose) {
      if (parts.length >= limits.maxParts) {
        // The delimiter that begins one part too many ends nothing.
        parts.pop()
        throw new Refusal('too-many-parts')
      }
      const head = readHead(text, delimiter.end, limits)
      const { name, filename, type } = readPart(head, boundary)
      const isFile = filename !== undefined
      const alike = parts.filter(part => (part.filename !== undefined) === isFile).length + 1
      if (alike > (isFile ? limits.maxFiles : limits.maxFields)) {
        throw new Refusal(isFile ? 'too-many-files' : 'too-many-fields')
      }
      if (Buffer.byteLength(name) > limits.maxFieldNameSize) throw new Refusal('field-too-long')
      const start = delimiter.end + head.length
      const most = isFile ? Number.POSITIVE_INFINITY : limits.maxFieldSize
      const next = find(text, boundary, start - 2, text.length - start > most)
      if (!next) throw new Refusal('ended-early', ...(text.length - start > most ? ['field-too-long'] : []))
      if (next.start < start) throw new Refusal('malformed-multipart')
      const content = text.slice(start, next.start)
      if (content.length > most) throw new Refusal('field-too-long')
      parts.push({ name, filename, type, content })
      delimiter = next
    }
    if (!/^[ \t]*(?:\r\n|\r?$)/.test(text.slice(delimiter.end))) throw new Refusal('malformed-multipart')
    return { parts }
  } catch (error) {
    if (error instanceof Refusal) return { parts, refused: error.codes }
    throw error
  }
}

/** The next delimiter. */
function find(text: string, boundary: string, from: number, isLong = false): Found | undefined {
  const needle = `\r\n--${boundary}`
  for (let start = text.indexOf(needle, from); start >= 0; start = text.indexOf(needle, start + 1)) {
    const tail = text.slice(start + needle.length)
    if (tail.startsWith('--')) return { start, end: start + needle.length + 2, isClose: true }
    const padding = (/^[ \t]*/.exec(tail) as RegExpExecArray)[0].length
    if (padding > 1024) throw new Refusal('malformed-multipart', ...(isLong ? ['field-too-long'] : []))
    if (tail.startsWith('\r\n', padding)) {
      return { start, end: start + needle.length + padding + 2, isClose: false }
    }
  }
  return undefined
}

/** The header lines and the empty line. */
function readHead(text: string, start: number, limits: Readonly<MultipartLimits>): string {
  const line = /[^\r\n\0 \t][^\r\n\0]*\r\n/y
  line.lastIndex = start
  let end = start
  let lines = 0
  while (lines < limits.maxHeaders && line.test(text)) {
    end = line.lastIndex
    lines++
  }
  const isWhole = text.startsWith('\r\n', end) && end - start <= limits.maxHeaderSize
  if (isWhole) return text.slice(start, end + 2)
  throw new Refusal('malformed-multipart', 'part-header-too-long', 'ended-early')
}

function readPart(block: string, boundary: string): Omit<ModelPart, 'content'> {
  const headers = new Map<string, string>()
  const text = Buffer.from(block, 'latin1').toString('utf8')
  for (const line of text.split('\r\n').slice(0, -2)) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/s.exec(line) ?? []
    if (
      name === undefined ||
      value === undefined ||
      headers.has(name.toLowerCase()) ||
      line.startsWith(`--${boundary}`)
    ) {
      throw new Refusal('malformed-multipart')
    }
    headers.set(name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, ''))
  }
  const encoding = headers.get('content-transfer-encoding')
  if (encoding !== undefined && !/^(?:7bit|8bit|binary)$/i.test(encoding)) {
    throw new Refusal('transfer-encoding-not-supported')
  }
  const disposition = headers.get('content-disposition')
  if (disposition === undefined) throw new Refusal('part-without-name')
  const parsed = modelParameters(disposition)
  if (parsed?.value !== 'form-data') throw new Refusal('malformed-multipart')
  const name = modelName(parsed.parameters.get('name') ?? '')
  if (name === '') throw new Refusal('part-without-name')
  const filename = parsed.parameters.get('filename')
  const [type = ''] = (headers.get('content-type') ?? '').split(';', 1)
  return {
    name,
    filename: filename === undefined ? undefined : modelName(filename),
    type: type.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase(),
  }
}
