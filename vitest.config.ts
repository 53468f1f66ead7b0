import { defineConfig } from 'vitest/config'
import { isTapped, tapped } from './test/support/lines.mjs'

export default defineConfig({
  plugins: [
    {
      name: 'lines of logs',
      enforce: 'pre',
      transform: (source, id) => (isTapped(id) ? tapped(source, id) : undefined),
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // Real browsers, disks and signals on a shared machine of two cores: in CI a test may have one second try.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
