/** Counts a JSON report of Vitest. */

/**
 * A skipped test says in its name what it needs, e.g. `survives a power cut (needs root)`. These needs may be unmet in
 * continuous integration; any other skipped test fails there.
 */
const allowedNeeds = ['root', 'mount', 'python3', 'no root']

/**
 * @param report Vitest's JSON report
 * @returns numbers, and lines for what was skipped or did not run
 */
export function countTests(report, { inCi, exitCode }) {
  let passed = 0
  let failed = 0
  const lines = []
  const fail = line => {
    failed++
    lines.push(`FAILED  ${line}`)
  }
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed++
      else if (test.status === 'failed') fail(test.fullName)
      else if (inCi && !allowed(test.fullName)) fail(`skipped: ${test.fullName}`)
      else lines.push(`skipped ${test.fullName}`)
    }
    if (file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')) {
      fail(`${file.name}: ${String(file.message).split('\n')[0]}`)
    }
  }
  if (passed + failed === 0) fail('no test ran')
  // For example an error nobody caught, after the last test had passed.
  if (exitCode !== 0 && failed === 0) fail(`the test runner ended with exit code ${exitCode}`)
  return { passed, failed, lines }
}

function allowed(name) {
  return allowedNeeds.some(need => name.includes(`(needs ${need})`))
}
