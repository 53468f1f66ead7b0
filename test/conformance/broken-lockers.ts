/** Lockers with one fault each. The key is the fault's name, `breaks` the checks that have to notice, and no other. */
import { UploadError } from '../../src/sansio/errors.ts'
import type { Lock } from '../../src/upload/ports.ts'
import { type Asker, PlainLocker, type Turn } from './plain-locker.ts'

type Broken = { readonly breaks: readonly string[]; readonly Locker: typeof PlainLocker }

const between = 'locks between two lockers of one place'

export const brokenLockers: Readonly<Record<string, Broken>> = {
  'never grants': {
    // Without a lock no other promise can be tried.
    breaks: ['grants a free lock', '…'],
    Locker: class extends PlainLocker {
      override acquire(): Promise<Lock> {
        return Promise.reject(new UploadError('server-busy'))
      }
    },
  },
  'has one lock for all uploads': {
    breaks: ['locks each upload for itself'],
    Locker: class extends PlainLocker {
      override turnOf(_id: string): Turn {
        return super.turnOf('all')
      }
    },
  },
  'grants twice': {
    breaks: [
      'grants to one at a time',
      'takes a second release for nothing',
      'gives the lock to the newest who waits',
      'refuses with server-busy when the holder does not let go',
      'gives up when the signal says so',
      'keeps order among many',
      between,
    ],
    Locker: class extends PlainLocker {
      override tell(holder: Asker) {
        super.tell(holder)
        for (const turn of this.turns.values()) if (turn.holder === holder) this.pass(turn)
      }
    },
  },
  'forgets to release': {
    breaks: ['grants again after a release'],
    Locker: class extends PlainLocker {
      releases = new Map<Turn, number>()
      override pass(turn: Turn) {
        const count = (this.releases.get(turn) ?? 0) + 1
        this.releases.set(turn, count)
        // The third with nobody waiting: only one check does that.
        if (turn.waiting.length > 0 || count < 3) super.pass(turn)
      }
    },
  },
  'releases the lock of the next': {
    breaks: ['takes a second release for nothing'],
    Locker: class extends PlainLocker {
      override lockOf(turn: Turn, _asker: Asker): Lock {
        return { release: async () => this.pass(turn) }
      }
    },
  },
  'never tells the holder': {
    breaks: ['tells the holder at once, and once', 'tells the next holder too', between],
    Locker: class extends PlainLocker {
      override tell(_holder: Asker) {}
    },
  },
  'tells the holder each time': {
    breaks: ['tells the holder at once, and once'],
    Locker: class extends PlainLocker {
      override tell(holder: Asker) {
        holder.onContend()
      }
    },
  },
  'tells all who ever held': {
    breaks: ['tells nobody who has let go'],
    Locker: class extends PlainLocker {
      readonly held = new Set<Asker>()
      override give(turn: Turn, asker: Asker) {
        // Those who came by waiting are left out, so that the others see nothing.
        if (turn.waiting.length === 0 && !asker.told) this.held.add(asker)
        super.give(turn, asker)
      }
      override tell(holder: Asker) {
        for (const asker of this.held) super.tell(asker)
        super.tell(holder)
      }
    },
  },
  'tells the first holder only': {
    breaks: ['tells the next holder too'],
    Locker: class extends PlainLocker {
      override pass(turn: Turn) {
        for (const asker of turn.waiting) asker.told = true
        super.pass(turn)
      }
    },
  },
  'gives the lock to the oldest who waits': {
    breaks: ['gives the lock to the newest who waits', between],
    Locker: class extends PlainLocker {
      override overtake(_waiting: Asker[]) {}
      override next(waiting: Asker[]) {
        return waiting.shift()
      }
    },
  },
  'turns older ones away without words': {
    breaks: ['gives the lock to the newest who waits'],
    Locker: class extends PlainLocker {
      override overtake(waiting: Asker[]) {
        for (const one of waiting.splice(0)) one.refuse(new UploadError('aborted'))
      }
    },
  },
  'gives up in raw errors': {
    breaks: ['refuses with server-busy when the holder does not let go'],
    Locker: class extends PlainLocker {
      override busy() {
        return new Error('ETIMEDOUT')
      }
    },
  },
  'hands the lock to one who gave up': {
    breaks: ['refuses with server-busy when the holder does not let go', 'gives up when the signal says so'],
    Locker: class extends PlainLocker {
      override giveUp(_turn: Turn, asker: Asker, error: Error) {
        asker.refuse(error)
      }
    },
  },
  'does not look at the signal': {
    breaks: ['gives up when the signal says so'],
    Locker: class extends PlainLocker {
      override acquire(id: string, onContend: () => void) {
        return super.acquire(id, onContend)
      }
    },
  },
  'loses count among many': {
    breaks: ['keeps order among many'],
    Locker: class extends PlainLocker {
      count = 0
      override pass(turn: Turn) {
        super.pass(turn)
        if (++this.count === 6) turn.holder = undefined
      }
    },
  },
  'knows its own process only': {
    breaks: [between],
    Locker: class extends PlainLocker {
      override another() {
        return new (this.constructor as typeof PlainLocker)(this.timeoutMs)
      }
    },
  },
}
