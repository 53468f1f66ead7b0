/** Who hears what the engine tells: `onEvent`, and subscribers of the diagnostics channels. */
import { type Channel, channel } from 'node:diagnostics_channel'
import type { Clock } from '../../upload/ports.ts'
import { RequestWatch } from './request-watch.ts'
import type { UploadEvent, UploadProtocol } from './types.ts'
import { silentWatch, type Watch } from './watch.ts'

const channels: Readonly<Record<UploadEvent['kind'], Channel>> = {
  'request-start': channel('dropgate:request-start'),
  'request-end': channel('dropgate:request-end'),
  'upload-create': channel('dropgate:upload-create'),
  'upload-finish': channel('dropgate:upload-finish'),
  'upload-reject': channel('dropgate:upload-reject'),
  'upload-stall': channel('dropgate:upload-stall'),
  sweep: channel('dropgate:sweep'),
}
const allChannels = Object.values(channels)

/** What the engine lends. */
export interface EventSettings {
  readonly onEvent: ((event: UploadEvent) => void) | undefined
  readonly clock: Clock
  readonly log: (line: string) => void
}

export class Events {
  readonly #settings: EventSettings

  constructor(settings: EventSettings) {
    this.#settings = settings
  }

  /** Looks on at one request; where nobody listens, at nothing. */
  watch(protocol: UploadProtocol, addressOf: () => string | undefined): Watch {
    if (!this.#isHeard()) return silentWatch
    return new RequestWatch(event => this.#emit(event), this.#settings.clock, protocol, addressOf())
  }

  /** Tells of a sweep that found something. */
  swept(removed: number): void {
    if (removed > 0 && this.#isHeard()) {
      this.#emit({ kind: 'sweep', time: this.#settings.clock.now(), removed })
    }
  }

  #isHeard(): boolean {
    return this.#settings.onEvent !== undefined || allChannels.some(({ hasSubscribers }) => hasSubscribers)
  }

  /** A listener's failure is a line in the log, and nobody's upload fails of it. */
  #emit(event: UploadEvent): void {
    const { onEvent, log } = this.#settings
    const failed = (error: unknown) => log(`onEvent failed: ${String(error)}`)
    channels[event.kind].publish(event)
    try {
      const told: unknown = onEvent?.(event)
      if (told instanceof Promise) told.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
