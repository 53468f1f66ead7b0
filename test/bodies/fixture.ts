import type { UploadErrorCode } from '../../src/sansio/errors.ts'
import type { MultipartLimits } from '../../src/sansio/multipart/parser.ts'

/** A part as it must come out. */
export interface ExpectedPart {
  readonly name: string
  /** Missing: a field. */
  readonly filename?: string
  readonly type?: string
  readonly content: string
}

/** A whole body and what must become of it. */
export interface BodyFixture {
  readonly title: string
  readonly boundary: string
  readonly body: Buffer
  /** The parts, or the code of the refusal. */
  readonly expected: readonly ExpectedPart[] | UploadErrorCode
  readonly limits?: Partial<MultipartLimits>
}

/** The boundary of the short hand-written bodies. */
export const B = 'boundary'

/** A body that must be read. */
export function good(
  title: string,
  body: string | Buffer,
  expected: readonly ExpectedPart[],
  more: { boundary?: string; limits?: Partial<MultipartLimits> } = {},
): BodyFixture {
  return { title, boundary: more.boundary ?? B, body: Buffer.from(body as string), expected, ...limitsOf(more) }
}

/** A body that must be refused. */
export function bad(
  title: string,
  body: string | Buffer,
  code: UploadErrorCode,
  more: { boundary?: string; limits?: Partial<MultipartLimits> } = {},
): BodyFixture {
  return { title, boundary: more.boundary ?? B, body: Buffer.from(body as string), expected: code, ...limitsOf(more) }
}

function limitsOf(more: { limits?: Partial<MultipartLimits> }): { limits?: Partial<MultipartLimits> } {
  return more.limits ? { limits: more.limits } : {}
}

/** One body from header blocks (without their empty line) and contents. */
export function form(...parts: readonly (readonly [head: string, content: string])[]): string {
  return `${parts.map(([head, content]) => `--${B}\r\n${head}\r\n\r\n${content}\r\n`).join('')}--${B}--\r\n`
}

/** The header line of a field. */
export function field(name: string): string {
  return `Content-Disposition: form-data; name="${name}"`
}

/** The header lines of a file. */
export function file(name: string, filename: string, type = 'application/octet-stream'): string {
  return `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}`
}
