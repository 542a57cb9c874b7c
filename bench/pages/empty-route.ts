import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where the empty route answers. */
export const EMPTY = '/empty'

/**
 * A folder for a web process to run in: the pages as they are built, and one route more that shows nothing. It is
 * Slipway's own build, handler, order of checks and outermost layout, so what a page costs above it is the page's.
 */
export function withEmptyRoute(folder: string): string {
  const built = pathToFileURL(resolve('build/remix/server/index.js')).href
  mkdirSync(join(folder, 'build/remix/server'), { recursive: true })
  for (const path of ['db', 'config', 'build/cli', 'build/remix/client'])
    symlinkSync(resolve(path), join(folder, path))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'build/remix/server/index.js'),
    `import * as built from '${built}'
export * from '${built}'
const route = { id: 'empty', parentId: 'root', path: '${EMPTY.slice(1)}' }
export const routes = { ...built.routes, empty: { ...route, module: { default: () => null } } }
const { routes: manifest, ...assets } = built.assets
export { withEmpty as assets }
const withEmpty = {
  ...assets,
  routes: { ...manifest, empty: { ...manifest['routes/$'], ...route, hasLoader: false, hasErrorBoundary: false } },
}
`,
  )
  return folder
}
