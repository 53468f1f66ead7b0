/** The corpus: every body with what must become of it, to be fed at every chunking and to every face of the library. */
import { clientBodies } from './clients.ts'
import { delimiterBodies } from './delimiters.ts'
import type { BodyFixture } from './fixture.ts'
import { headBodies } from './heads.ts'
import { limitBodies } from './limits.ts'

export type { BodyFixture, ExpectedPart } from './fixture.ts'

export const bodies: readonly BodyFixture[] = [...clientBodies, ...delimiterBodies, ...headBodies, ...limitBodies]
