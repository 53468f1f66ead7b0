/**
 * An answer before it is anybody's: Fetch wants it as a `Response`, Node as a head and a text. Making a `Response` costs
 * Node as much as storing a small file does, so nothing below the engine's doors makes one.
 */
export interface Answer {
  readonly status: number
  /** By name, in any case; each name once. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent for no body. */
  readonly body?: string | ReadableStream<Uint8Array>
}

/** The answer as Fetch has it. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body ?? null, { status, headers })
}
