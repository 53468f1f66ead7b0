import { defineConfig, type Plugin } from 'vitest/config'
import { isTapped, tapped } from './test/support/lines.mjs'

const linesOfLogs: Plugin = {
  name: 'lines of logs',
  enforce: 'pre',
  transform: (source, id) => (isTapped(id) ? tapped(source, id) : undefined),
  // What is changed for one run must not be found in the cache by another, nor the other way round.
  configureVitest: ({ defineCacheKeyGenerator }) => defineCacheKeyGenerator(({ id }) => (isTapped(id) ? false : null)),
}

export default defineConfig({
  plugins: process.env.DROPGATE_TEST_LINES ? [linesOfLogs] : [],
  test: {
    include: ['test/**/*.test.ts'],
    // Real browsers, disks and signals on a shared machine of two cores: in CI a test may have one second try.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
