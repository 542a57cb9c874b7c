import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './shell.mjs'

/**
 * @param {string[]} inputs paths of what was bundled, relative to ROOT
 * @returns {string} the licences of the packages among them
 */
export function licencesOf(inputs) {
  const packages = new Set(
    inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  return [...packages].sort().map(licenceOf).join('\n\n')
}

/** @param {string} path of a package */
function licenceOf(path) {
  const folder = join(ROOT, path)
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : ''
  return `${name} ${version} (${license})\n\n${text}\n`
}
