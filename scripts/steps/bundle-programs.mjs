/**
 * What is found in node_modules when it runs, or does without: what is compiled, and what only development uses.
 */
const NOT_BUNDLED = ['better-sqlite3', 'msgpackr-extract', '*.node', 'vite']

/** What packages that aren't modules find there. */
const COMMONJS = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url), { dirname: __dirname, filename: __filename } = import.meta;`

/**
 * A package that isn't a module has no names when it is imported on demand, unless they are written down. Node knows them.
 * @type {import('esbuild').Plugin}
 */
export const namesOnDemand = {
  name: 'names-on-demand',
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ kind, path, importer, resolveDir }) =>
      kind === 'dynamic-import' && !importer.includes('/node_modules/') && !NOT_BUNDLED.includes(path)
        ? { path, namespace: 'on-demand', pluginData: resolveDir }
        : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'on-demand' }, async ({ path, pluginData: resolveDir }) => {
      const names = Object.keys(await import(path)).filter(
        (name) => !['default', '__esModule'].includes(name),
      )
      const from = JSON.stringify(path)
      return { contents: `import * as all from ${from}; export const { ${names} } = all`, resolveDir }
    })
  },
}

/**
 * Bundles programs with the packages that they import: a tenth of the files, and started in less than half the time.
 * What several import they share in one module, as they do unbundled.
 */
export const withPackages = /** @satisfies {import('esbuild').BuildOptions} */ ({
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  // What is written as modules is bundled without the parts that nobody imports.
  mainFields: ['module', 'main'],
  external: NOT_BUNDLED,
  plugins: [namesOnDemand],
  define: { 'process.env.NODE_ENV': '"production"' },
  // Enough for stack traces.
  sourcesContent: false,
  // Packages that are free of side effects are still named by what Vite has bundled.
  logOverride: { 'ignored-bare-import': 'silent' },
  banner: { js: COMMONJS },
})
