import { homedir, hostname } from 'node:os'
import { complain } from './complain'
import { readEnvironment } from './environment'
import { EXIT } from './exits'
import { main, outputBefore } from './main'

const { stdin, stdout, stderr, platform } = process
const argv = process.argv.slice(2)
const env = readEnvironment(process.env, { home: homedir(), hostname: hostname(), platform })

const crash = (error: unknown) => process.exit(complain(error, outputBefore(argv, { stdout, stderr }, env)))
process.on('uncaughtException', crash)
// Whoever reads, as `head` does, has had enough.
stdout.on('error', (error: NodeJS.ErrnoException) =>
  error.code === 'EPIPE' ? process.exit(EXIT.ok) : crash(error),
)
stderr.on('error', () => undefined)

// Filled in by the build, from package.json.
declare const RUNCOMFY_VERSION: string

const interrupt = new AbortController()
// The second one ends the process at once, as without a handler.
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

// Should nothing be left to wait for before it has ended.
process.exitCode = EXIT.failed
process.exitCode = await main({
  argv,
  env,
  stdin,
  stdout,
  stderr,
  signal: interrupt.signal,
  version: RUNCOMFY_VERSION,
})
