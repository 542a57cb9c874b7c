import { homedir } from 'node:os'
import { readEnvironment } from './environment'
import { main } from './main'

// Filled in by the build, from package.json.
declare const RUNCOMFY_VERSION: string

const interrupt = new AbortController()
// The second one ends the process at once, as without a handler.
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

process.exitCode = await main({
  argv: process.argv.slice(2),
  env: readEnvironment(process.env, homedir()),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
  version: RUNCOMFY_VERSION,
})
