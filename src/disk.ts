/** `dropgate/disk`: files in a folder. */
export { type DiskStorage, type DiskStorageOptions, diskStorage } from './storages/disk/storage.ts'
