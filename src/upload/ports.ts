/**
 * The ports: what the pipeline asks of the world. Storages implement {@link Storage}; everything above this file is
 * ignorant of paths, buckets and file descriptors.
 */

/** What a storage is told when an upload begins. Plain data, so that any storage can write it down. */
export interface NewUpload {
  /** 128 random bits, base64url or hex: `^[A-Za-z0-9_-]{22,64}$`. Unique for ever. */
  readonly id: string
  /** The cleaned name as people know it; never a path. */
  readonly name: string
  /** MIME type as declared, `''` if none. */
  readonly type: string
  /** Total bytes if they are known before the end. */
  readonly length?: number
}

/** An upload as the storage knows it. */
export interface UploadState extends NewUpload {
  /** Bytes stored so far. */
  readonly offset: number
}

/** One upload of a commit list, with the name it shall have. */
export interface CommitItem {
  readonly id: string
  /**
   * The name wanted. The storage takes it if it is free, else the next of `numberedName(name, n)`; it never overwrites.
   */
  readonly name: string
}

/** A committed file. */
export interface StoredFile {
  readonly id: string
  /** The name it really has. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Where it lies, if that can be said as a path of this machine. */
  readonly path?: string
  /** Tells this very file from a later one of the same name, for `delete`. */
  readonly tag?: string
}

/** A stored file in a listing. */
export interface ListedFile {
  readonly name: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** A byte source of a stored file. */
export interface ReadableFile extends ListedFile {
  /** Tells this very file from a later one of the same name, and from the same one changed; as `commit` returned it. */
  readonly tag?: string
  /** The bytes; to be read once, or cancelled. Nothing is opened or fetched before the first of them is asked for. */
  readonly body: ReadableStream<Uint8Array>
  /**
   * Capability: some of the bytes, instead of `body`.
   *
   * @param start first byte, from 0 on and before `end`
   * @param end the byte after the last one, at most `size`
   */
  slice?(start: number, end: number): ReadableStream<Uint8Array>
}

/** A promise of what takes its time; undefined where it is done already: small files are many, and so would be promises. */
export type Pending = undefined | Promise<void>

/**
 * Where uploads go. Order of calls for one upload: `create`, any number of `append` (one at a time, in order, without
 * holes), then `commit` or `remove`. Different uploads may be served concurrently.
 *
 * Every method rejects, and never throws, with an `UploadError` (`storage-full`, `storage-failed`, `server-busy`; `commit` also `name-not-allowed`) and leaves nothing
 * half-done: a failed `append` makes the upload unusable but `remove` still cleans it up.
 *
 * The promises are checked by `testStorage` in `dropgate/testing`.
 */
export interface Storage {
  /** Makes the storage ready: folders, sweep of what a crash left. Called before each upload; idempotent. */
  prepare?(): Pending
  /** Begins an upload. Nothing becomes visible to readers. */
  create(upload: NewUpload): Pending
  /**
   * Adds bytes at `offset`, which must be the current end.
   *
   * The spans belong to the storage until it is done, and not a moment longer: the caller may reuse them.
   * @param offset bytes already stored
   * @param last these are the last bytes: a storage may do at once what it would do at the commit. No promise: where
   * the end was not foreseen, or the upload is empty, none is called the last
   */
  append(id: string, offset: number, spans: readonly Uint8Array[], last?: boolean): Pending
  /**
   * Makes all of the uploads visible as files, or none of them. When it resolves, bytes and names are durable.
   * The final names are chosen inside and returned in the order of the list. After a rejection nothing of the list is
   * visible, and the uploads are removed by the caller.
   */
  commit(uploads: readonly CommitItem[]): Promise<readonly StoredFile[]>
  /** Forgets an upload and its bytes. Idempotent; unknown ids are fine; never touches a committed file. */
  remove(id: string): Promise<void>
  /** The upload's state, or undefined when there is no such open upload. */
  stat(id: string): Promise<UploadState | undefined>

  /** Capability: up to `length` bytes of an open upload from `offset`, for inspectors; fewer at its end. */
  readAt?(id: string, offset: number, length: number): Promise<Uint8Array>
  /** Capability: the committed files, newest first. */
  list?(): Promise<readonly ListedFile[]>
  /** Capability: a committed file by its name; undefined when there is none. */
  read?(name: string): Promise<ReadableFile | undefined>
  /**
   * Capability: deletes a committed file; false when there is none.
   * @param tag as `commit` returned it: another file that has the name by now is left alone, and the answer is false
   */
  delete?(name: string, tag?: string): Promise<boolean>
  /** Capability: uploads that outlive request and process. */
  readonly resumable?: ResumableStorage
  /** Capability: the same kind of storage at another place, for `file.save('some/folder')`. */
  at?(path: string): Storage
}

/** A resumable upload to become a file. */
export interface ResumableCommit extends CommitItem {
  /** Its bytes; whatever a crash left beyond is cut off. */
  readonly size: number
}

/**
 * Uploads that outlive a request, a connection and the process.
 *
 * Keeps the bytes of unfinished uploads, and for each a record: a text whose meaning is the engine's own. The offset that
 * was acknowledged stands in the record; bytes beyond it count for nothing until a `save` says so.
 *
 * Ids match `^[A-Za-z0-9_-]{22,64}$`. Calls for one upload come one at a time, but for `write`, which may overlap with
 * other `write`s to other places and with a `save`, and for `load` and `readAt`. Every method rejects with an
 * `UploadError` as in `Storage`.
 */
export interface ResumableStorage {
  /** Begins an upload with its first record. Durable when it resolves. Rejects when the id is taken. */
  create(id: string, record: string): Promise<void>
  /** The record as it was last saved, also after a crash; undefined when there is none. */
  load(id: string): Promise<string | undefined>
  /**
   * Replaces the record: the old one or the new one survives a crash, never a mixture. When it resolves, the record is
   * durable, and so are all bytes whose `write` had resolved before.
   */
  save(id: string, record: string): Promise<void>
  /** Puts bytes at a place, in any order, over what was there. The spans belong to the storage until it settles. */
  write(id: string, offset: number, spans: readonly Uint8Array[]): Promise<void>
  /** Up to `length` bytes from `offset`, for content checks; fewer at the end of what was written. */
  readAt(id: string, offset: number, length: number): Promise<Uint8Array>
  /** Appends the first `size` bytes of other uploads to this one, which has `offset` bytes, without using them up. */
  concat(id: string, offset: number, sources: readonly { readonly id: string; readonly size: number }[]): Promise<void>
  /** Makes uploads files, as `Storage.commit`: all or none. Their records stay, to be saved once more and read. */
  commit(uploads: readonly ResumableCommit[]): Promise<readonly StoredFile[]>
  /** Lets go of what is held open for an upload between two requests. */
  release(id: string): Promise<void>
  /** Forgets bytes and record. Idempotent; unknown ids are fine; never touches a committed file. */
  remove(id: string): Promise<void>
  /** All records, for the sweep of what expired. */
  records(): AsyncIterable<{ readonly id: string; readonly record: string }>
}

/** Exclusive right to work on one upload. */
export interface Lock {
  /** Gives it back. Idempotent. */
  release(): Promise<void>
}

/**
 * Who may work on an upload. The newest request wins: whoever asks makes the holder let go, and waits until it has.
 */
export interface Locker {
  /**
   * Takes the lock of an upload.
   *
   * @param onContend called at most once, as soon as somebody else asks: stop, make durable what came, release
   * @param signal gives up waiting
   * @throws UploadError `server-busy` when the holder does not let go in time
   */
  acquire(id: string, onContend: () => void, signal?: AbortSignal): Promise<Lock>
}

/** Time and chance are ports too, so that tests can hold them. */
export interface Clock {
  /** Milliseconds since 1970. May jump when somebody sets it. */
  now(): number
  /**
   * Milliseconds since some moment of this process; never jumps and never goes back. What is left out here is taken from
   * `now`, which must not jump then.
   */
  steady?(): number
}
