/** What the longer scripts say of themselves. */

/**
 * Runs a script: `--help` prints its text, arguments that cannot be read are answered by what is wrong with them.
 *
 * @param {string} help what it does, its options, examples
 * @param {() => unknown} main gives the exit code; undefined is 0
 */
export async function run(help, main) {
  if (process.argv.slice(2).some(word => word === '--help' || word === '-h')) return console.log(help)
  try {
    process.exitCode = await main()
  } catch (error) {
    // Those of node:util.
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error
    console.error(`${error.message}\n\n${help}`)
    process.exitCode = 2
  }
}

/** @param {string} message what is wrong, and what is allowed */
export function wrongArgument(message) {
  return Object.assign(new Error(message), { code: 'ERR_PARSE_ARGS_VALUE' })
}
