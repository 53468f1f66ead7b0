/**
 * What became known as a hole in somebody else's upload code, as inputs of our own: each with the id under which it was
 * published, what we decided, and what must come out.
 */
import type { UploadErrorCode } from '../../../src/sansio/errors.ts'
import { type BodyFixture, bad, type ExpectedPart, good } from '../fixture.ts'

/** Where a short text goes in. */
export type TextFace =
  | 'content-type'
  | 'declared-type'
  | 'disposition'
  | 'file-name'
  | 'upload-concat'
  | 'upload-id'
  | 'upload-metadata'
  /** A whole request, head and body, on a socket of the real server; the expectation is status and sentence. */
  | 'request'

/** What must come out of a text: a value, or the code of the refusal. */
export type TextExpectation = { readonly value: unknown } | { readonly refused: UploadErrorCode }

export type AdvisoryInput =
  | { readonly face: 'body'; readonly fixture: BodyFixture }
  | {
      readonly face: TextFace
      readonly title: string
      readonly text: string
      readonly expected: TextExpectation
    }

/** A test elsewhere that sends the input: its file, and a line of it. */
export type Elsewhere = readonly [file: string, line: string]

export interface Advisory {
  /** As published: `CVE-…`, `GHSA-…`, `project#number`; `measured: …` for what was found by comparing parsers. */
  readonly ids: readonly string[]
  /** Whose hole it was. */
  readonly peer: string
  readonly mechanism: string
  /** What we do, in one sentence. */
  readonly decision: string
  readonly inputs?: readonly AdvisoryInput[]
  readonly elsewhere?: readonly Elsewhere[]
  /** Why there is nothing to send: the part that had the hole does not exist here. */
  readonly absent?: string
}

/** A body that must be read. */
export function reads(
  title: string,
  body: string | Buffer,
  expected: readonly ExpectedPart[],
  more?: Parameters<typeof good>[3],
): AdvisoryInput {
  return { face: 'body', fixture: good(title, body, expected, more) }
}

/** A body that must be refused. */
export function refuses(
  title: string,
  body: string | Buffer,
  code: UploadErrorCode,
  more?: Parameters<typeof bad>[3],
): AdvisoryInput {
  return { face: 'body', fixture: bad(title, body, code, more) }
}

/** A text and the value that must come out. */
export function gives(face: TextFace, text: string, value: unknown, title = text): AdvisoryInput {
  return { face, title, text, expected: { value } }
}

/** A text that must be refused. */
export function isRefused(face: TextFace, text: string, code: UploadErrorCode, title = text): AdvisoryInput {
  return { face, title, text, expected: { refused: code } }
}

/** One part of these header lines and this content. */
export function onePart(head: string, content = 'x', boundary = 'boundary'): string {
  return `--${boundary}\r\n${head}\r\n\r\n${content}\r\n--${boundary}--\r\n`
}

/** A request for the endpoint, with its length declared unless the lines say otherwise. */
export function request(method: string, target: string, lines: readonly string[], body = ''): string {
  const hasLength = lines.some(line => /^(?:content-length|transfer-encoding):/i.test(line))
  const length = hasLength || body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${target} HTTP/1.1`, 'Host: x', ...lines, ...length, '', body].join('\r\n')
}
