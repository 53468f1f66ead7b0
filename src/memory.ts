/** `dropgate/memory`: files kept in memory, for tests and demonstrations. */
export { type MemoryStorage, memoryStorage } from './storages/memory.ts'
