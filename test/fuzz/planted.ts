/** Readers with a fault each, one for every target at least: the fuzz must find all of them. */

import { createAccess } from '../../src/cli/access.ts'
import type { checkOrigin } from '../../src/sansio/csrf/origin.ts'
import { verifyToken } from '../../src/sansio/csrf/token.ts'
import { parseChunk } from '../../src/sansio/dropzone/chunk.ts'
import { CsrfError, UploadError } from '../../src/sansio/errors.ts'
import { cleanFilename } from '../../src/sansio/filename.ts'
import { parseContentDisposition } from '../../src/sansio/headers/content-disposition.ts'
import { parseDictionary, parseItem } from '../../src/sansio/headers/structured.ts'
import { boundaryOf } from '../../src/sansio/multipart/boundary.ts'
import { MultipartParser, type MultipartParserOptions } from '../../src/sansio/multipart/parser.ts'
import { parseIetf } from '../../src/sansio/resumable/ietf/parse.ts'
import { parseMetadata } from '../../src/sansio/resumable/metadata.ts'
import { parseTus } from '../../src/sansio/resumable/tus/parse.ts'
import { nativeMultipartTools } from '../../src/upload/native-tools.ts'
import type { Problem, Target } from './target.ts'
import { contentTypeTarget, dispositionTarget, originTarget, structuredTarget } from './targets/headers.ts'
import { multipartTarget, type ParserUnderTest } from './targets/multipart.ts'
import { headTarget, metadataTarget } from './targets/resumable.ts'
import { chunkTarget, cookieTarget, nameTarget, tokenTarget } from './targets/values.ts'

/** A fault, and the kinds of problem as which it may be reported. */
export interface Planted {
  readonly fault: string
  readonly target: Target
  readonly kinds: readonly Problem['kind'][]
}

/** A parser whose header blocks are read as `change` leaves them. */
function withHeads(change: (head: string) => string): Target {
  return multipartTarget((boundary, options) => {
    const tools = options.tools ?? nativeMultipartTools
    const decodeUtf8 = (bytes: Uint8Array) => change(tools.decodeUtf8(bytes))
    return new MultipartParser(boundary, { ...options, tools: { ...tools, decodeUtf8 } })
  })
}

/** A parser around the real one. */
abstract class Around implements ParserUnderTest {
  readonly parser: MultipartParser
  constructor(boundary: string, options: MultipartParserOptions) {
    this.parser = new MultipartParser(boundary, options)
  }
  push(chunk: Uint8Array): void {
    this.parser.push(chunk)
  }
  read(): ReturnType<MultipartParser['read']> {
    return this.parser.read()
  }
  end(): void {
    this.parser.end()
  }
}

/** Forgets that a chunk ended in the beginning of a delimiter. */
class LosesCarry extends Around {
  override push(chunk: Uint8Array): void {
    super.push(chunk.at(-1) === 0x0d ? chunk.subarray(0, -1) : chunk)
  }
}

/** Searches all it has had again with every chunk. */
class Quadratic extends Around {
  readonly #all = new Uint8Array(256 * 1024)
  #length = 0
  override push(chunk: Uint8Array): void {
    this.#all.set(chunk, this.#length)
    this.#length += chunk.length
    for (let i = 0; i < this.#length; i += 2) if (this.#all[i] === 0x100) return
    super.push(chunk)
  }
}

/** Takes a body without its close delimiter for whole. */
class NeverEndsEarly extends Around {
  override end(): void {
    try {
      super.end()
    } catch (error) {
      if (!(error instanceof UploadError && error.code === 'ended-early')) throw error
    }
  }
}

/** Never returns from a header that another parser once fell over. */
export const endlessTarget: Target = withHeads(head => {
  while (head.includes('__proto__: 1')) head = String(head)
  return head
})

/** The module of a thread that is watched. */
export const targets: readonly Target[] = [endlessTarget]

const access = createAccess('opensesame')
const allowsAnyLength = createAccess('opensesame').cookie.split(/[=;]/)[1]?.length

export const planted: readonly Planted[] = [
  {
    fault: 'the carry is lost',
    target: multipartTarget((...all) => new LosesCarry(...all)),
    kinds: ['chunking', 'model'],
  },
  {
    fault: 'a name may come twice',
    target: withHeads(head => head.replace(/(; name="[^"\r\n]*")(?:; name="[^"\r\n]*")+/g, '$1')),
    kinds: ['model'],
  },
  { fault: 'time is quadratic', target: multipartTarget((...all) => new Quadratic(...all)), kinds: ['slow'] },
  { fault: 'it throws', target: withHeads(head => head.replace(/^__proto__:.*/m, notText)), kinds: ['throws'] },
  {
    fault: 'a cut body is whole',
    target: multipartTarget((...all) => new NeverEndsEarly(...all)),
    kinds: ['model', 'property'],
  },
  {
    fault: 'the first of two boundaries counts',
    target: contentTypeTarget(text => boundaryOf(text?.replace(/(; *boundary=[^;"]*);.*/s, '$1') ?? null)),
    kinds: ['model'],
  },
  {
    fault: 'percent escapes are decoded',
    target: dispositionTarget(text => parseContentDisposition(decodeURIComponent(text))),
    kinds: ['throws', 'model'],
  },
  {
    fault: 'integers of a dictionary are one too big',
    target: structuredTarget({
      parseItem,
      parseDictionary: text => {
        const read = parseDictionary(text)
        return (
          read &&
          new Map(
            [...read].map(([key, item]) => [key, item.type === 'integer' ? { ...item, value: item.value + 1 } : item]),
          )
        )
      },
    }),
    kinds: ['property'],
  },
  { fault: 'the origin is compared by its beginning', target: originTarget(comparesBeginning), kinds: ['property'] },
  {
    fault: 'an offset is read as a float',
    target: headTarget('tus', {
      parseIetf,
      parseTus: (head, target) => {
        const get = (name: string) => {
          const value = head.headers.get(name)
          return name === 'upload-offset' && value ? String(Number(value)) : value
        }
        return parseTus({ method: head.method, headers: { get } }, target)
      },
    }),
    kinds: ['property'],
  },
  {
    fault: 'a length that is none is NaN',
    target: headTarget('ietf', {
      parseTus,
      parseIetf: (head, target) => {
        const intent = parseIetf(head, target)
        const length = head.headers.get('upload-length')
        return intent.kind === 'create' && length !== null ? { ...intent, length: Number(length) } : intent
      },
    }),
    kinds: ['property'],
  },
  {
    fault: 'the last of two keys counts',
    target: metadataTarget(field => {
      const pairs = new Map((field ?? '').split(',').map(pair => [pair.trim().split(' ')[0], pair]))
      return parseMetadata([...pairs.values()].join(','))
    }),
    kinds: ['property'],
  },
  {
    fault: 'numbers are read by Number()',
    target: chunkTarget(fields => parseChunk({ size: fields.size, get: name => numeric(fields.get(name)) })),
    kinds: ['property'],
  },
  {
    fault: 'a token of the right length and end is taken',
    target: tokenTarget((signer, token, ...rest) => {
      if (token && token.length === 100 && token.endsWith('_')) return new Uint8Array()
      return verifyToken(signer, token, ...rest)
    }),
    kinds: ['property'],
  },
  {
    fault: 'a cookie of the right length lets in',
    target: cookieTarget(req => access.allows(req) || req.headers.cookie?.length === (allowsAnyLength ?? 0) + 15),
    kinds: ['property'],
  },
  {
    fault: 'a dot that was cleaned away comes back',
    target: nameTarget(raw => cleanFilename(raw).replace(/_/g, '.')),
    kinds: ['property'],
  },
]

function notText(): string {
  throw new TypeError('it is not a function')
}

function numeric(text: string | undefined): string | undefined {
  return text !== undefined && text.trim() !== '' && Number.isSafeInteger(Number(text)) ? String(Number(text)) : text
}

function comparesBeginning(facts: Parameters<typeof checkOrigin>[0]): CsrfError | undefined {
  const { origin, host, secFetchSite, method } = facts
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return undefined
  if (secFetchSite !== null)
    return ['same-origin', 'none'].includes(secFetchSite) ? undefined : new CsrfError('cross-site')
  if (origin === null || (host !== null && origin.startsWith(`http://${host}`))) return undefined
  return origin === 'https://app.example' ? undefined : new CsrfError('cross-site')
}
