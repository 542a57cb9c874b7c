import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { namesOnDemand, withPackages } from './bundle-programs.mjs'
import { packCli, VERSION } from './cli-package.mjs'
import { compressFiles } from './compress.mjs'
import { lazyBuiltins } from './lazy-builtins.mjs'
import { withLock } from './lock.mjs'
import { Refusal, ROOT, run, say } from './shell.mjs'
import { hashSources, isSource } from './sources.mjs'

export const BUILD = join(ROOT, 'build')

/** Entry files of what Node runs: output below build/ → source. */
const WEB_ENTRIES = { 'web/index': 'app/server/index.ts' }
const PROGRAM_ENTRIES = {
  'worker/index': 'worker/index.ts',
  'worker/log-writer': 'worker/logs/writer.ts',
  'tools/migrate': 'db/migrate.ts',
  'tools/sign-in-link': 'app/server/sign-in-link.ts',
  'tools/rotate-keys': 'db/rotate-keys.ts',
  'tools/backup': 'backup/index.ts',
  'tools/restore': 'backup/restore/index.ts',
}
const CLI_ENTRIES = { 'cli/runcomfy': 'cli/index.ts' }
const MACHINE_ENTRIES = { 'filebrowser/index': 'filebrowser/index.ts' }

const bundle = (/** @type {Record<string, string>} */ entries) =>
  /** @satisfies {import('esbuild').BuildOptions} */ ({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: join(ROOT, source), out })),
    outdir: BUILD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  })

/** @type {import('esbuild').BuildOptions[]} */
const OTHER_BUNDLES = [
  {
    ...bundle(CLI_ENTRIES),
    outExtension: { '.js': '.mjs' },
    define: { RUNCOMFY_VERSION: JSON.stringify(VERSION) },
    plugins: [lazyBuiltins, packCli(join(BUILD, 'cli'))],
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  },
  {
    ...bundle(MACHINE_ENTRIES),
    // What few sessions need (`await import(…)`) is read when they do.
    splitting: true,
    chunkNames: 'filebrowser/parts/[name]-[hash]',
    plugins: [namesOnDemand],
    alias: { 'buffer-crc32': './filebrowser/archive/crc32.ts' },
    // In few files it starts a third faster, and that is part of every launch.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  },
]

/**
 * For development: built anew in no time, and packages as they are.
 * @type {import('esbuild').BuildOptions[]}
 */
export const BUNDLES = [
  { ...bundle({ ...WEB_ENTRIES, ...PROGRAM_ENTRIES }), packages: 'external' },
  ...OTHER_BUNDLES,
]

/** What Vite has made of the pages for the server. */
const PAGES = { 'remix/server/index': 'build/remix/server/index.js' }

/** All that the server runs, for where it is only run. */
export const SERVER = { ...bundle({ ...WEB_ENTRIES, ...PROGRAM_ENTRIES, ...PAGES }), ...withPackages }

/** @type {Record<string, () => Promise<void>>} */
const PARTS = {
  web: async () => {
    await run(process.execPath, ['node_modules/@remix-run/dev/dist/cli.js', 'vite:build'], { quiet: true })
    await compressFiles(join(BUILD, 'remix/client/assets'))
  },
  files: () =>
    run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '-c', 'filebrowser/vite.config.ts'], {
      quiet: true,
    }),
  node: async () => {
    const [outputs = []] = await bundleAll([
      { ...bundle(PROGRAM_ENTRIES), ...withPackages },
      // The pages are built by themselves, and have to find the same packages: what one throws the other knows.
      { ...bundle(WEB_ENTRIES), packages: 'external' },
      ...OTHER_BUNDLES,
    ])
    forgetOldParts(outputs.map((path) => basename(path)))
  },
}

/**
 * Builds what the sources have changed since it was last built.
 * @param {string[]} [names] of PARTS; all when left out
 */
export async function build(names = Object.keys(PARTS)) {
  const unknown = names.filter((name) => !(name in PARTS))
  if (unknown.length > 0) throw new Refusal(`There is no part ${unknown}: choose from ${Object.keys(PARTS)}.`)
  const onWait = (/** @type {number} */ pid) => say(`Waiting for the build of process ${pid} …`)
  await withLock(join(BUILD, 'build.lock'), { onWait }, async () => {
    const hash = hashSources()
    const stale = names.filter((name) => read(stampOf(name)) !== hash)
    if (stale.length === 0) return
    const began = Date.now()
    say(`Building ${stale.join(', ')} …`)
    const results = await Promise.allSettled(stale.map((name) => buildPart(name, hash)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    say(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`)
  })
}

/**
 * @param {string} name
 * @param {string} hash of the sources, taken before the build reads them
 */
async function buildPart(name, hash) {
  forgetBuild([name])
  await PARTS[name]?.()
  mkdirSync(join(BUILD, 'stamps'), { recursive: true })
  writeFileSync(stampOf(name), hash)
}

/**
 * @param {import('esbuild').BuildOptions[]} bundles
 * @returns {Promise<string[][]>} paths of the files that each has become
 */
async function bundleAll(bundles) {
  const esbuild = await import('esbuild')
  const made = []
  for (const options of bundles) {
    const { metafile } = await esbuild.build({ ...options, metafile: true }).catch(() => {
      throw new Refusal('Bundling failed.') // esbuild has said why
    })
    // esbuild takes what it can't find under the alias for a package.
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
    const lost = imports.filter(({ path }) => path.startsWith('~/')).map(({ path }) => path)
    if (lost.length > 0) throw new Refusal(`Bundling failed: there is no ${lost.join(', ')}.`)
    const missed = Object.keys(metafile.inputs).filter(
      (path) => !/^(builtin|on-demand):|^build\//.test(path) && !isSource(path),
    )
    if (missed.length > 0) throw new Refusal(`scripts/steps/sources.mjs has to name ${missed.join(', ')}.`)
    made.push(Object.keys(metafile.outputs))
  }
  return made
}

/**
 * Leaves those of the last build too, which a program that still runs may ask for.
 * @param {string[]} names of the files of this build
 */
function forgetOldParts(names) {
  const folder = join(BUILD, 'parts')
  const list = join(BUILD, 'parts.json')
  const kept = new Set([...names, ...JSON.parse(read(list) ?? '[]')])
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name))
  writeFileSync(list, JSON.stringify(names))
}

/** @param {string[]} names of PARTS, to be built anew next time */
export function forgetBuild(names) {
  for (const name of names) rmSync(stampOf(name), { force: true })
}

/** @param {string} name */
const stampOf = (name) => join(BUILD, 'stamps', name)

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
