/** What is fuzzed: a parser, inputs to begin with, and everything that must hold of any input. */
import type fc from 'fast-check'
import { isUploadError } from '../../src/sansio/errors.ts'
import type { Random } from './random.ts'

/** Longest time, in ms, that one call may hold up everybody else. */
export const longestCall = 50

/** Something that must never be. The kind stays the same while an input is shrunk. */
export class Problem extends Error {
  readonly kind: 'chunking' | 'model' | 'property' | 'slow' | 'throws'

  constructor(kind: Problem['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/** What a check may use beside its input. */
export interface Tools {
  /** Belongs to the input: the same one each time it is run. */
  readonly random: Random
  /**
   * Runs a call of the product and notes how long it takes.
   * @param calls how often the event loop may breathe meanwhile: chunks that come one by one
   */
  timed<T>(call: () => T, calls?: number): T
}

export interface Target {
  readonly name: string
  /** How often it is chosen, compared with the others. */
  readonly weight: number
  /** Pieces that mean something to the parser. */
  readonly dictionary: readonly string[]
  readonly seeds: readonly string[]
  /** Inputs with the structure the parser expects. */
  readonly structured: fc.Arbitrary<string>
  /**
   * Feeds the input to the parser and checks what must hold.
   *
   * @param input for parsers of bytes one letter is one byte
   * @returns what came of it, in a few words: inputs that lead somewhere new are kept and changed further
   * @throws Problem
   */
  check(input: string, tools: Tools): string
}

/** Fails with a sentence if something does not hold. */
export function must(condition: boolean, message: () => string): void {
  if (!condition) throw new Problem('property', message())
}

/**
 * The value of a call, or the code of its refusal.
 * @throws Problem for any other error: whatever comes from outside may be refused, and never throws
 */
export function outcome<T>(call: () => T): { value: T; refused?: never } | { value?: never; refused: string } {
  try {
    return { value: call() }
  } catch (error) {
    if (isUploadError(error)) return { refused: error.code }
    if (error instanceof Problem) throw error
    throw new Problem('throws', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }
}

/** For messages: as JSON, and not endless. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text
}
