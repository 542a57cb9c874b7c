import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD, build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv } from './steps/environment.mjs'
import { killRunning, runCommand, runFor } from './steps/shell.mjs'
import { onStopSignals } from './steps/stop-signals.mjs'

onStopSignals({ first: killRunning, again: () => process.exit(130) })

const program = join(BUILD, 'tools', 'backup.js')

await runCommand(async () => {
  loadDotEnv()
  // What is there stays: a new build would take its files from under a Slipway that runs.
  if (!existsSync(program)) {
    await installDependencies()
    await build(['node'])
  }
  const { code } = await runFor(process.execPath, [program, ...process.argv.slice(2)])
  return code === 0 ? 0 : 1
})
