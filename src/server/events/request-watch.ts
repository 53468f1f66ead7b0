import type { FileFacts, UploadError } from '../../sansio/errors.ts'
import { type Pipeline, toUploadError } from '../../upload/pipeline.ts'
import type { Clock } from '../../upload/ports.ts'
import type { UploadedFile } from '../../upload/types.ts'
import type { UploadEvent, UploadProtocol } from './types.ts'
import type { Watch } from './watch.ts'

/** So many letters of an id are told: a log shall not be a bunch of keys. */
const shownLetters = 8

/** One request, where somebody listens. */
export class RequestWatch implements Watch {
  readonly #emit: (event: UploadEvent) => void
  readonly #clock: Clock
  readonly #remoteAddress: string | undefined
  readonly #started: number
  #protocol: UploadProtocol
  /** Files that are told of when the whole request has succeeded; undefined: each at once. */
  #waiting: UploadedFile[] | undefined
  readonly #told = new WeakSet<UploadError>()

  constructor(
    emit: (event: UploadEvent) => void,
    clock: Clock,
    protocol: UploadProtocol,
    remoteAddress: string | undefined,
  ) {
    this.#emit = emit
    this.#clock = clock
    this.#protocol = protocol
    this.#remoteAddress = remoteAddress
    this.#started = this.#steady()
  }

  observe<P extends Pipeline>(pipeline: P): P {
    const { onUploadFinish } = pipeline
    return Object.assign(pipeline, {
      observer: {
        created: (id: string, facts: FileFacts) => this.#created(id, facts),
        chunk: () => {
          this.#protocol = 'chunks'
        },
      },
      onUploadFinish: async (...of: Parameters<NonNullable<typeof onUploadFinish>>) => {
        await onUploadFinish?.(...of)
        if (this.#waiting) this.#waiting.push(of[0])
        else this.#finished(of[0])
      },
    })
  }

  async whole<T>(reading: Promise<T>): Promise<T> {
    this.#waiting = []
    return this.during(
      reading.then(
        result => {
          for (const file of this.#waiting ?? []) this.#finished(file)
          return result
        },
        error => {
          throw this.rejecting(error)
        },
      ),
    )
  }

  async during<T>(reading: Promise<T>): Promise<T> {
    this.#emit({ kind: 'request-start', ...this.#seen() })
    try {
      return await reading
    } finally {
      this.#emit({ kind: 'request-end', ...this.#seen(), duration: this.#duration() })
    }
  }

  rejecting(error: unknown): UploadError {
    const refusal = toUploadError(error)
    if (this.#told.has(refusal)) return refusal
    this.#told.add(refusal)
    const { code, status, message, file } = refusal
    const duration = this.#duration()
    if (code === 'too-slow') this.#emit({ kind: 'upload-stall', ...this.#seen(), duration })
    const name = file && { name: file.name }
    this.#emit({ kind: 'upload-reject', ...this.#seen(), code, status, message, ...name, duration })
    return refusal
  }

  #created(id: string, { name, size }: FileFacts): void {
    const bytes = size === undefined ? {} : { bytes: size }
    this.#emit({ kind: 'upload-create', ...this.#seen(), upload: shown(id), name, ...bytes })
  }

  #finished({ id, name, size }: UploadedFile): void {
    const file = { upload: shown(id), name, bytes: size }
    this.#emit({ kind: 'upload-finish', ...this.#seen(), ...file, duration: this.#duration() })
  }

  #seen() {
    const address = this.#remoteAddress === undefined ? {} : { remoteAddress: this.#remoteAddress }
    return { time: this.#clock.now(), protocol: this.#protocol, ...address }
  }

  #duration(): number {
    return Math.max(0, Math.round(this.#steady() - this.#started))
  }

  #steady(): number {
    return this.#clock.steady?.() ?? this.#clock.now()
  }
}

function shown(id: string): string {
  return id.slice(0, shownLetters)
}
