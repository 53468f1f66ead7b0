/** All of them. `ids.ts` is the list that must be covered. */
import { cleanupAdvisories } from './cleanup.ts'
import { countAdvisories } from './counts.ts'
import { cpuAdvisories } from './cpu.ts'
import { crashAdvisories } from './crash.ts'
import { deliveryAdvisories, measuredAdvisories } from './elsewhere.ts'
import type { Advisory } from './fixture.ts'
import { nameAdvisories } from './names.ts'
import { objectAdvisories } from './objects.ts'

export type { Advisory, AdvisoryInput, TextFace } from './fixture.ts'

export const advisories: readonly Advisory[] = [
  ...crashAdvisories,
  ...objectAdvisories,
  ...cpuAdvisories,
  ...countAdvisories,
  ...cleanupAdvisories,
  ...nameAdvisories,
  ...deliveryAdvisories,
  ...measuredAdvisories,
]
