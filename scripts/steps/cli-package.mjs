import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { licencesOf } from './licences.mjs'
import { ROOT } from './shell.mjs'

const { version, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
/** @type {string} */
export const VERSION = version

/**
 * What makes the folder of the bundled command a package that npm installs.
 * @param {string} folder that the bundle lies in
 * @returns {import('esbuild').Plugin}
 */
export const packCli = (folder) => ({
  name: 'pack-cli',
  setup(build) {
    const manifest = join(folder, 'package.json')
    build.onStart(() => rmSync(manifest, { force: true }))
    build.onEnd(({ metafile, errors }) => {
      if (!metafile || errors.length > 0) return
      writeFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), licencesOf(Object.keys(metafile.inputs)))
      copyFileSync(join(ROOT, 'cli/README.md'), join(folder, 'README.md'))
      chmodSync(join(folder, 'runcomfy.mjs'), 0o755)
      // Last: without it the server gives nothing away.
      writeFileSync(manifest, `${JSON.stringify(MANIFEST, null, 2)}\n`)
    })
  },
})

const MANIFEST = {
  // No registry takes a name with capitals any more, so that `npm update -g` can't be given somebody else's program.
  name: 'Slipway-runcomfy',
  version,
  description: 'The command line of Slipway.',
  private: true,
  type: 'module',
  bin: { runcomfy: 'runcomfy.mjs' },
  engines,
  files: ['runcomfy.mjs', 'default-server.json', 'THIRD-PARTY-LICENCES.txt'],
}
