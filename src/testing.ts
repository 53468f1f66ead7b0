/** `dropgate/testing`: the contracts as runnable checks. */
export {
  type StorageCheck,
  type StorageHarness,
  type TestStorageOptions,
  testStorage,
} from './testing/storage.ts'
