import { join } from 'node:path'
import { BUILD, build } from './steps/build.mjs'
import { installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv } from './steps/environment.mjs'
import { importImage, NODE } from './steps/image.mjs'
import { Refusal, ROOT, runCommand, say } from './steps/shell.mjs'

await runCommand(async () => {
  await installDependencies()
  loadDotEnv()
  await build(['node', 'files'])
  const { default: Docker } = await import('dockerode')
  const tag = process.env.FILEBROWSER_IMAGE || 'slipway-filebrowser'
  try {
    await importImage(new Docker(), {
      tag,
      files: {
        '/filebrowser': join(BUILD, 'filebrowser'),
        '/filebrowser/package.json': join(ROOT, 'images/filebrowser/package.json'),
      },
      command: [NODE, '/filebrowser/index.js'],
    })
  } catch (error) {
    throw new Refusal(`The image could not be made: ${error instanceof Error ? error.message : error}`)
  }
  say(`Made the image ${tag} on the Engine.`)
})
