import { build } from './steps/build.mjs'
import { findChromium } from './steps/chromium.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { findServer } from './steps/redis.mjs'
import { run, runCommand } from './steps/shell.mjs'

await runCommand(async () => {
  await installDependencies()
  await findServer(process.env.PATH)
  const env = { ...process.env, CHROMIUM_PATH: await findChromium(process.env) }
  await build()
  await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { env })
})
