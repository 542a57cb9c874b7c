import { build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { runCommand } from './steps/shell.mjs'

const names = process.argv.slice(2)

await runCommand(async () => {
  await installDependencies()
  await build(names.length > 0 ? names : undefined)
})
