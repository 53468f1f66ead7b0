/** `npm start -- [dir] [options]`: sets up, then runs the command line on the user's own Node. */
import { watchAncestors } from './ancestors.mjs'
import { runServer } from './run-server.mjs'
import { commandLine, setUp, userNode } from './setup.mjs'

const ancestors = watchAncestors()
try {
  await setUp({ checkTypes: false })
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
runServer(userNode(), [commandLine, ...process.argv.slice(2)], ancestors)
