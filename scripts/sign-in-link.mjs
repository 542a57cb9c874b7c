import { join } from 'node:path'
import { BUILD, build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv } from './steps/environment.mjs'
import { run, runCommand } from './steps/shell.mjs'

await runCommand(async () => {
  await installDependencies()
  loadDotEnv()
  await build(['node'])
  await run(process.execPath, [join(BUILD, 'tools', 'sign-in-link.js'), ...process.argv.slice(2)])
})
