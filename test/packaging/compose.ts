import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { importImage, programWithLibraries } from '~/scripts/steps/image.mjs'
import type { TestEngine } from '../support/engine'

const run = promisify(execFile)

/** compose.yaml on an Engine of the test's own. @param folder for the data and the settings */
export function compose(engine: TestEngine, folder: string, settings: Record<string, string>) {
  const file = join(folder, 'compose.yaml')
  const envFile = join(folder, 'env')
  // What the Compose of Debian 12 does not know yet, and what both say only of something that isn't there.
  const text = readFileSync('compose.yaml', 'utf8')
    .replace(/ +bind:\n +create_host_path: false\n/, '')
    .replaceAll(/- path: \.env\n +required: false/g, `- ${envFile}`)
    // Docker enters a container to see whether it is healthy, which an Engine in a chroot can't.
    .replaceAll('condition: service_healthy', 'condition: service_started')
  writeFileSync(file, text)
  const lines = Object.entries(settings).map((setting) => setting.join('='))
  writeFileSync(envFile, lines.join('\n'))
  const env = {
    ...process.env,
    DOCKER_HOST: engine.dockerHost,
    SLIPWAY_DATA: join(folder, 'data'),
    DOCKER_SOCKET: engine.dockerHost.replace('unix://', ''),
  }
  return async (...words: string[]) => {
    const all = ['--file', file, '--project-name', 'slipway', '--ansi', 'never', ...words]
    const { stdout, stderr } = await run('docker-compose', all, { env, timeout: 90_000 })
    return stdout + stderr
  }
}

/** The image that compose.yaml names, with this host's Redis in it. */
export const importRedis = (engine: TestEngine) =>
  importImage(engine.docker, {
    tag: 'redis:7-alpine',
    files: Object.fromEntries(['redis-server', 'redis-cli'].flatMap(programWithLibraries)),
    command: ['redis-server'],
  })
