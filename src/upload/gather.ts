import { longSpan, markDisposable } from './disposable.ts'

const firstSlab = 1024
const largestSlab = 64 * 1024

/**
 * Gathers spans until there is enough for one write. Long spans are kept without copying; short ones (a sender that
 * drips, HTTP chunks of 1 KiB) are packed into slabs, so that 512 KiB of one-byte chunks cost 512 KiB and not 50 MiB.
 */
export class Gatherer {
  /** Bytes gathered since the last `take`. */
  size = 0
  /** A short span behind all others that is not copied yet. */
  #lent: Uint8Array | undefined
  #spans: Uint8Array[] | undefined
  #slab: Uint8Array | undefined
  /** Where the bytes of the slab begin that are in no span yet. */
  #begin = 0
  #used = 0

  /**
   * Adds a span; it must not change until the batch it ends up in is written.
   * @param lent {@link keep} is called before the span's chunk is let go of: if it is taken before that it is not copied,
   * and so is none of a small file that lies in one chunk
   */
  add(span: Uint8Array, lent = false): void {
    if (span.length === 0) return
    this.keep()
    this.size += span.length
    if (lent && span.length < longSpan) {
      this.#lent = span
      return
    }
    // The bookkeeping of a shorter one would outweigh its bytes.
    if (span.length >= longSpan) {
      this.#closeSlab()
      this.#hold(span)
      return
    }
    this.#copy(span)
  }

  /** Copies what was lent: a few bytes must not hold a chunk of 64 KiB for as long as the sender likes. */
  keep(): void {
    if (this.#lent === undefined) return
    this.#copy(this.#lent)
    this.#lent = undefined
  }

  /** The gathered spans in order; the gatherer is empty afterwards. */
  take(): readonly Uint8Array[] {
    this.#closeSlab()
    if (this.#lent) this.#hold(this.#lent)
    this.#lent = undefined
    const spans = this.#spans ?? []
    this.#spans = undefined
    this.size = 0
    return spans
  }

  /** A copy of the first bytes, at most `limit` of them. */
  head(limit: number): Uint8Array {
    const head = new Uint8Array(Math.min(limit, this.size))
    let filled = 0
    const copy = (span: Uint8Array) => {
      const piece = span.subarray(0, head.length - filled)
      head.set(piece, filled)
      filled += piece.length
    }
    this.#spans?.forEach(copy)
    if (this.#slab) copy(this.#slab.subarray(this.#begin, this.#used))
    if (this.#lent) copy(this.#lent)
    return head
  }

  #copy(span: Uint8Array): void {
    for (let from = 0; from < span.length; ) from += this.#pack(span, from)
  }

  #pack(span: Uint8Array, from: number): number {
    const slab = (this.#slab ??= newSlab(this.size))
    const room = slab.length - this.#used
    const piece = from === 0 && span.length <= room ? span : span.subarray(from, from + room)
    slab.set(piece, this.#used)
    this.#used += piece.length
    if (this.#used === slab.length) this.#closeSlab()
    return piece.length
  }

  #hold(span: Uint8Array): void {
    // Most files are one span. No literal: decisions/0019.
    if (this.#spans) this.#spans.push(span)
    else this.#spans = Array.of(span)
  }

  /** What is left of the slab is for the next short spans: between long ones, a slab for each would be a slab a chunk. */
  #closeSlab(): void {
    if (this.#slab === undefined) return
    if (this.#used > this.#begin) this.#hold(this.#slab.subarray(this.#begin, this.#used))
    this.#begin = this.#used
    if (this.#used < this.#slab.length) return
    this.#slab = undefined
    this.#begin = this.#used = 0
  }
}

/** Small for a sender that drips, and soon large enough to be worth giving back. */
function newSlab(gathered: number): Uint8Array {
  const slab = new Uint8Array(gathered > largestSlab ? largestSlab : Math.max(firstSlab, gathered))
  markDisposable(slab)
  return slab
}
