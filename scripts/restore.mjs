import { join } from 'node:path'
import { BUILD, build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv } from './steps/environment.mjs'
import { killRunning, runCommand, runFor } from './steps/shell.mjs'
import { onStopSignals } from './steps/stop-signals.mjs'

onStopSignals({ first: killRunning, again: () => process.exit(130) })

await runCommand(async () => {
  await installDependencies()
  loadDotEnv()
  await build(['node'])
  const { code } = await runFor(process.execPath, [
    join(BUILD, 'tools', 'restore.js'),
    ...process.argv.slice(2),
  ])
  return code === 0 ? 0 : 1
})
