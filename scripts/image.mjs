import { build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv } from './steps/environment.mjs'
import { packImage } from './steps/image.mjs'
import { runCommand, say } from './steps/shell.mjs'

await runCommand(async () => {
  await installDependencies()
  loadDotEnv()
  await build()
  const { default: Docker } = await import('dockerode')
  const tag = process.env.SLIPWAY_IMAGE || 'slipway'
  await packImage(new Docker(), { tag })
  say(`Made the image ${tag} on the Engine.`)
})
