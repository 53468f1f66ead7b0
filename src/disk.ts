/** `dropgate/disk`: files in a folder. */
export { type FileLockerOptions, fileLocker } from './storages/disk/locker/locker.ts'
export { type DiskStorage, type DiskStorageOptions, diskStorage } from './storages/disk/storage.ts'
