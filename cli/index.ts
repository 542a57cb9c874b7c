import { homedir } from 'node:os'
import { readEnvironment } from './environment'
import { main } from './main'

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
  version: '0.1.0',
})
