/** A correct little locker, open to view, for the broken ones to inherit from. */
import { UploadError } from '../../src/sansio/errors.ts'
import type { Lock, Locker } from '../../src/upload/ports.ts'

export interface Asker {
  readonly onContend: () => void
  told: boolean
  /** Settles the promise of one who waits. */
  grant: (lock: Lock) => void
  refuse: (error: Error) => void
}

export interface Turn {
  holder: Asker | undefined
  readonly waiting: Asker[]
}

export class PlainLocker implements Locker {
  readonly timeoutMs: number
  /** Shared by lockers of one place. */
  turns = new Map<string, Turn>()

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }

  /** Another locker of the same place. */
  another(): PlainLocker {
    const other = new (this.constructor as typeof PlainLocker)(this.timeoutMs)
    other.turns = this.turns
    return other
  }

  turnOf(id: string): Turn {
    const turn = this.turns.get(id) ?? { holder: undefined, waiting: [] }
    this.turns.set(id, turn)
    return turn
  }

  acquire(id: string, onContend: () => void, signal?: AbortSignal): Promise<Lock> {
    return new Promise<Lock>((grant, refuse) => {
      if (this.isCalledOff(signal)) return refuse(new UploadError('aborted'))
      const turn = this.turnOf(id)
      const asker: Asker = { onContend, told: false, grant, refuse }
      if (!turn.holder) return this.give(turn, asker)
      this.overtake(turn.waiting)
      turn.waiting.push(asker)
      this.tell(turn.holder)
      setTimeout(() => this.giveUp(turn, asker, this.busy()), this.timeoutMs).unref()
      signal?.addEventListener('abort', () => this.giveUp(turn, asker, new UploadError('aborted')))
    })
  }

  isCalledOff(signal: AbortSignal | undefined): boolean {
    return signal?.aborted ?? false
  }

  busy(): Error {
    return new UploadError('server-busy')
  }

  give(turn: Turn, asker: Asker): void {
    turn.holder = asker
    asker.grant(this.lockOf(turn, asker))
  }

  lockOf(turn: Turn, asker: Asker): Lock {
    return {
      release: async () => {
        if (turn.holder === asker) this.pass(turn)
      },
    }
  }

  /** The lock is free: on to the next. */
  pass(turn: Turn): void {
    turn.holder = undefined
    const next = this.next(turn.waiting)
    if (next) this.give(turn, next)
  }

  next(waiting: Asker[]): Asker | undefined {
    return waiting.pop()
  }

  tell(holder: Asker): void {
    if (!holder.told) holder.onContend()
    holder.told = true
  }

  overtake(waiting: Asker[]): void {
    for (const one of waiting.splice(0)) {
      one.refuse(new UploadError('aborted', 'The upload was continued from somewhere else.'))
    }
  }

  giveUp(turn: Turn, asker: Asker, error: Error): void {
    const at = turn.waiting.indexOf(asker)
    if (at >= 0) turn.waiting.splice(at, 1)
    asker.refuse(error)
  }
}
