/** The sweep of uploads that nobody goes on with. */
import { endWriters } from './chunk-writers.ts'
import type { Expiry, Verdict } from './expiry.ts'
import { readRecord, writeRecord } from './resumable-record.ts'
import type { ResumableSettings } from './resumable-settings.ts'
import type { UploadLocks } from './upload-locks.ts'

/** Removes what has expired; what only the wall clock says that of gets a notice. @returns how many were removed */
export async function sweepUploads(settings: ResumableSettings, locks: UploadLocks): Promise<number> {
  const { storage, expiry } = settings
  let swept = 0
  for await (const { id, record } of storage.records()) {
    if (judge(expiry, record) !== 'live' && (await sweepOne(settings, locks, id))) swept++
  }
  return swept
}

async function sweepOne(
  { storage, locker, expiry }: ResumableSettings,
  locks: UploadLocks,
  id: string,
): Promise<boolean> {
  // It may have been continued since it was listed, and asking for the lock would disturb whoever does.
  const found = await storage.load(id)
  if (judge(expiry, found) === 'live' || locks.isInUse(id)) return false
  const seen = readRecord(found)
  if (seen) await endWriters(locker, seen)
  return locks.hold(id, async () => {
    const text = await storage.load(id)
    const verdict = judge(expiry, text)
    const record = readRecord(text)
    if (verdict === 'doubtful' && record) await storage.save(id, writeRecord({ ...record, touched: expiry.notice() }))
    if (verdict === 'gone') await storage.remove(id)
    return verdict === 'gone'
  })
}

/** What is none of ours may go. */
function judge(expiry: Expiry, text: string | undefined): Verdict {
  const record = readRecord(text)
  return record ? expiry.judge(record) : 'gone'
}
