/** `dropgate/testing`: the contracts as runnable checks. */
export { type LockerCheck, type LockerHarness, testLocker } from './testing/locker.ts'
export {
  type StorageCheck,
  type StorageHarness,
  type TestStorageOptions,
  testStorage,
} from './testing/storage.ts'
