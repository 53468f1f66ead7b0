/** `dropgate/memory`: files kept in memory, for tests and demonstrations; locks within one process. */
export { type MemoryLockerOptions, memoryLocker } from './storages/lockers/memory.ts'
export { type MemoryStorage, memoryStorage } from './storages/memory/storage.ts'
