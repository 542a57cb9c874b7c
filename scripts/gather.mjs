import { build } from './steps/build.mjs'
import { gather } from './steps/gather.mjs'
import { Refusal, runCommand } from './steps/shell.mjs'

await runCommand(async () => {
  const [target] = process.argv.slice(2)
  if (!target) throw new Refusal('Say where to: npm run gather -- /folder')
  await build()
  await gather(target)
})
