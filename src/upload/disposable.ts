/**
 * Memory that is given back at once instead of waiting for the garbage collector.
 *
 * Node hands out each piece of a body in a buffer of its own, and lets tens of MiB of dead ones pile up before it
 * collects them: a server that throws everything away grows by 90 MiB on Node 24 while 1 GiB comes in. Detaching a
 * buffer frees its bytes now. That is safe only for buffers nobody else can hold, so whoever makes a buffer says so.
 */

/** Bytes from which on a span travels as it is, and is worth an entry here; shorter ones are copied (`gather.ts`). */
export const longSpan = 8 * 1024

/** Bytes of an upload from which on freeing pays: to free less at once costs as much as to store it. */
export const worthFreeing = 128 * 1024

/** On the buffer itself: entries of a `WeakMap` cost the collector too much (decisions/0009). */
const mark = Symbol('disposable')
type Marked = ArrayBufferLike & { [mark]?: 'unread' | 'spent' | undefined }

/** Says that nobody but the pipeline holds this chunk: its memory may be taken away once it is stored. */
export function markDisposable(chunk: Uint8Array): void {
  if (chunk.byteLength >= longSpan && isWhole(chunk)) (chunk.buffer as Marked)[mark] = 'unread'
}

/** Says that a chunk was read to its end, and that a single span of it is still on its way. */
export function markSpent(chunk: Uint8Array): void {
  const buffer: Marked = chunk.buffer
  if (chunk.byteLength >= longSpan && buffer[mark]) buffer[mark] = 'spent'
}

/** Takes it back, for chunks that are handed to people, who may keep them. */
export function keep(spans: readonly Uint8Array[]): void {
  for (const { buffer } of spans as readonly { readonly buffer: Marked }[]) if (buffer[mark]) buffer[mark] = undefined
}

/**
 * Frees the memory of the spans that are whole disposable chunks, or all that is left of one; the others are left
 * alone, for something else of the same chunk may still be on its way.
 */
export function release(spans: readonly Uint8Array[]): void {
  for (const span of spans) {
    const buffer: Marked = span.buffer
    const state = buffer[mark]
    if (state === 'spent' || (state === 'unread' && isWhole(span))) {
      buffer[mark] = undefined
      detach(buffer)
    }
  }
}

function isWhole(span: Uint8Array): boolean {
  return span.byteLength === span.buffer.byteLength
}

/** `transfer` is ES2024. */
type Transferable = ArrayBufferLike & { transfer?(length: number): unknown }

function detach(buffer: Transferable): void {
  prepareAllocator()
  if (buffer.transfer) buffer.transfer(0)
  else nowhere()?.postMessage(undefined, [buffer as ArrayBuffer])
}

/** Node 20 has no `transfer`, but what is sent to a port whose other end is closed is freed there and then. */
function nowhere(): InstanceType<typeof MessagePort> | undefined {
  if (typeof MessageChannel === 'undefined') return undefined
  if (!closedPort) {
    const { port1, port2 } = new MessageChannel()
    port2.close()
    closedPort = port1
  }
  return closedPort
}

let closedPort: InstanceType<typeof MessagePort> | undefined

/**
 * glibc gives free memory at the top of its heap back to the system from 128 KiB on, only to ask for it again with the
 * next chunk: one page fault for every 4 KiB of a body. Freeing one larger block moves that threshold to twice its size
 * (mallopt(3), M_TRIM_THRESHOLD, "dynamic"). The block itself is never touched, so it costs no memory.
 */
function prepareAllocator(): void {
  if (prepared) return
  prepared = true
  detach(new ArrayBuffer(4 * 1024 * 1024))
}

let prepared = false
