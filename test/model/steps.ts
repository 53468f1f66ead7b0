/** What may happen to uploads, in random order. */
import fc from 'fast-check'

/** The content of both files: every byte tells its place. */
export const content = Uint8Array.from({ length: 60 }, (_, at) => at + 1)
/** Dropzone's chunks of the second file; the last one is shorter. */
export const chunkSize = 14
export const chunkCount = 5
export const expiryMs = 3_600_000

export type Wire = 'tus' | 'ietf'

/** What a writer does. `slip` bytes away from the offset it was last told; `cut`: the body breaks off after so many. */
export type Step =
  | { readonly kind: 'append'; writer: number; wire: Wire; slip: number; size: number; cut: number | undefined }
  | { readonly kind: 'head'; writer: number; wire: Wire }
  /** One of Dropzone's chunks of the other file; `cut`: it breaks off so many bytes before the end of its bytes. */
  | { readonly kind: 'chunk'; index: number; cut: number | undefined }
  /** tus and IETF at the place where the chunks are kept. */
  | { readonly kind: 'stray'; wire: Wire }
  | { readonly kind: 'delete'; wire: Wire }
  | { readonly kind: 'wait'; ms: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'sweep' }

const wire = fc.constantFrom<Wire>('tus', 'ietf')
const writer = fc.integer({ min: 0, max: 3 })
const append = fc.record({
  kind: fc.constant('append' as const),
  writer,
  wire,
  slip: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 5 })),
  size: fc.integer({ min: 0, max: 25 }),
  cut: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined, freq: 3 }),
})
const chunk = fc.record({
  kind: fc.constant('chunk' as const),
  index: fc.integer({ min: 0, max: chunkCount - 1 }),
  cut: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined, freq: 3 }),
})
const steps: fc.WeightedArbitrary<Step>[] = [
  { weight: 14, arbitrary: append },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('head' as const), writer, wire }) },
  { weight: 12, arbitrary: chunk },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stray' as const), wire }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), wire }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: expiryMs * 0.7 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'sweep' as const }) },
]
const crash: fc.WeightedArbitrary<Step> = { weight: 2, arbitrary: fc.constant({ kind: 'crash' as const }) }

/** Steps of one round run at once. What is in memory does not outlive its process. */
export function schedules(kind: 'memory' | 'disk'): fc.Arbitrary<Step[][]> {
  const step = fc.oneof(...steps, ...(kind === 'disk' ? [crash] : []))
  return fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })
}

/** How a request says which protocol it speaks. */
export function markOf(over: Wire): Record<string, string> {
  return over === 'tus' ? { 'Tus-Resumable': '1.0.0' } : { 'Upload-Draft-Interop-Version': '8' }
}
