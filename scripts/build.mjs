/** `npm run build`: brings `dist` up to date. */
import { setUp } from './setup.mjs'

try {
  await setUp()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
