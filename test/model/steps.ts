/** What may happen to uploads, in random order. */
import fc from 'fast-check'

/** The content of the file: every byte tells its place. */
export const content = Uint8Array.from({ length: 60 }, (_, at) => at + 1)
/** Dropzone's chunks of it; the last one is shorter. */
export const chunkSize = 14
export const chunkCount = 5
export const expiryMs = 3_600_000

export type Wire = 'tus' | 'ietf'

/** Adds bytes by tus or the IETF protocol. */
export interface Append {
  readonly kind: 'append'
  readonly writer: number
  readonly wire: Wire
  /** Bytes away from the offset it was last told. */
  readonly slip: number
  readonly size: number
  /** The body breaks off after so many bytes. */
  readonly cut: number | undefined
  /** It is sent so many turns of the event loop later. */
  readonly late: number
}

/** What a writer does. */
export type Step =
  | Append
  | { readonly kind: 'head'; writer: number; wire: Wire }
  /**
   * One of Dropzone's chunks; `cut`: it breaks off so many bytes before the end of its bytes. One that lies brings wrong
   * bytes and breaks off after them, so that they must never count. `slow`: its last bytes come so many turns later.
   */
  | { readonly kind: 'chunk'; index: number; cut: number | undefined; lies: boolean; slow: number }
  | { readonly kind: 'delete'; wire: Wire }
  | { readonly kind: 'wait'; ms: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'sweep' }

const wire = fc.constantFrom<Wire>('tus', 'ietf')
const turns = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }))
const writer = fc.integer({ min: 0, max: 3 })
const append = fc.record({
  kind: fc.constant('append' as const),
  writer,
  wire,
  slip: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 5 })),
  size: fc.integer({ min: 0, max: 25 }),
  cut: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined, freq: 3 }),
  late: turns,
})
const chunk = fc.record({
  kind: fc.constant('chunk' as const),
  index: fc.integer({ min: 0, max: chunkCount - 1 }),
  cut: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 3 }),
  lies: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
  slow: turns,
})
const steps: fc.WeightedArbitrary<Step>[] = [
  { weight: 14, arbitrary: append },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('head' as const), writer, wire }) },
  { weight: 12, arbitrary: chunk },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), wire }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: expiryMs * 0.7 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
]
const crash: fc.WeightedArbitrary<Step> = { weight: 2, arbitrary: fc.constant({ kind: 'crash' as const }) }

/** Who begins the upload and who brings what is missing at the end, and what happens between. */
export interface Schedule {
  readonly first: 'tus' | 'chunks'
  readonly last: 'tus' | 'chunks'
  /** Steps of one round run at once. */
  readonly rounds: readonly (readonly Step[])[]
}

/** What is in memory does not outlive its process. */
export function schedules(kind: 'memory' | 'disk'): fc.Arbitrary<Schedule> {
  const step = fc.oneof(...steps, ...(kind === 'disk' ? [crash] : []))
  const round = fc.array(step, { minLength: 1, maxLength: 4 })
  const end = fc.constantFrom('tus' as const, 'chunks' as const)
  return fc.record({ first: end, last: end, rounds: fc.array(round, { minLength: 1, maxLength: 12 }) })
}

/** How a request says which protocol it speaks. */
export function markOf(over: Wire): Record<string, string> {
  return over === 'tus' ? { 'Tus-Resumable': '1.0.0' } : { 'Upload-Draft-Interop-Version': '8' }
}
