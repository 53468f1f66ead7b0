/** The count that `npm test` ends with. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { root } from './tree.ts'

interface Counted {
  passed: number
  failed: number
  lines: string[]
}
type Count = (report: object, how: { inCi: boolean; exitCode: number | null }) => Counted

const { countTests } = (await import(pathToFileURL(join(root, 'scripts/test-report.mjs')).href)) as {
  countTests: Count
}

function report(tests: [status: string, fullName: string][], file: object = {}) {
  const assertionResults = tests.map(([status, fullName]) => ({ status, fullName }))
  return { testResults: [{ name: 'a.test.ts', status: 'passed', message: '', assertionResults, ...file }] }
}

const calm = { inCi: false, exitCode: 0 }

describe('the count of npm test', () => {
  it('counts what passed and what failed', () => {
    const tests = report([
      ['passed', 'one'],
      ['passed', 'two'],
      ['failed', 'three'],
    ])
    expect(countTests(tests, { inCi: false, exitCode: 1 })).toEqual({ passed: 2, failed: 1, lines: ['FAILED  three'] })
  })

  it('counts a file that could not be loaded as a failure', () => {
    const broken = report([], { status: 'failed', message: 'SyntaxError: oh\nat line 1' })
    const { failed, lines } = countTests(broken, { inCi: false, exitCode: 1 })
    expect([failed, lines]).toEqual([1, ['FAILED  a.test.ts: SyntaxError: oh']])
  })

  it('fails when no test ran at all', () => {
    expect(countTests({ testResults: [] }, calm)).toEqual({ passed: 0, failed: 1, lines: ['FAILED  no test ran'] })
  })

  it('fails when all tests passed but the runner did not', () => {
    expect(countTests(report([['passed', 'one']]), { inCi: false, exitCode: 1 }).failed).toBe(1)
    expect(countTests(report([['passed', 'one']]), { inCi: false, exitCode: null }).failed).toBe(1)
  })

  it('names skipped tests, and lets only those with an allowed need pass in continuous integration', () => {
    const tests = report([
      ['passed', 'one'],
      ['skipped', 'two (needs root)'],
      ['pending', 'three (needs Chromium)'],
      ['todo', 'four'],
    ])
    expect(countTests(tests, calm)).toMatchObject({ passed: 1, failed: 0 })
    expect(countTests(tests, calm).lines).toHaveLength(3)
    expect(countTests(tests, { inCi: true, exitCode: 0 })).toMatchObject({ passed: 1, failed: 2 })
  })
})
