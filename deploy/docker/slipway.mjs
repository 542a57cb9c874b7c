import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { becomeUser } from './user.mjs'

const TOOLS = new URL('build/tools/', import.meta.url)
const PROGRAMS = new Map([
  ['web', new URL('build/web/index.js', import.meta.url)],
  ['worker', new URL('build/worker/index.js', import.meta.url)],
  ['filebrowser', new URL('build/filebrowser/index.js', import.meta.url)],
  ['healthy', new URL('healthy.mjs', import.meta.url)],
  ...readdirSync(TOOLS)
    .filter((file) => file.endsWith('.js'))
    .map((file) => /** @type {const} */ ([file.slice(0, -'.js'.length), new URL(file, TOOLS)])),
])
/** They run in machines, which have no data folder. */
const WITHOUT_DATA = ['filebrowser', 'healthy']

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence)
  process.exit(1)
}

const [command = ''] = process.argv.splice(2, 1)
const program = PROGRAMS.get(command)
if (!program) refuse(`There is no command ${command}: choose from ${[...PROGRAMS.keys()].join(', ')}.`)

if (!WITHOUT_DATA.includes(command)) {
  const { DATA_DIR = '', DOCKER_HOST = 'unix:///var/run/docker.sock' } = process.env
  if (process.getuid?.() === 0) becomeUser({ dataDir: DATA_DIR, dockerHost: DOCKER_HOST })
  try {
    accessSync(DATA_DIR, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const us = `${process.getuid?.()}:${process.getgid?.()}`
    const owner = statSync(DATA_DIR, { throwIfNoEntry: false })?.uid
    refuse(
      owner === undefined
        ? `There is no folder ${DATA_DIR}. Mount one there that belongs to ${us}.`
        : `${DATA_DIR} belongs to user ${owner}, and Slipway, which runs as ${us} here, may not write to it (${/** @type {NodeJS.ErrnoException} */ (error).code}). On the host: chown -R ${us} ${DATA_DIR}`,
    )
  }
  process.setSourceMapsEnabled(true)
}
await import(/** @type {URL} */ (program).href)
