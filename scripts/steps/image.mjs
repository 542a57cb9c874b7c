import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gather } from './gather.mjs'
import { findProgram } from './path.mjs'
import { Refusal, ROOT, runFor } from './shell.mjs'

/** Where Node is in the images made here. */
export const NODE = '/usr/bin/node'

/**
 * Makes an image from files of this host, and its Node if that is what the command starts. No registry has a part in it.
 * @param {import('dockerode')} docker
 * @param {{ tag: string, files: Record<string, string>, command: string[], fill?: (root: string) => Promise<void> }} image
 *   files: path in the image → file or folder; fill: puts further ones into the folder that becomes the image
 * @throws {Error} what the Engine or tar said
 */
export async function importImage(docker, { tag, files, command, fill }) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-image-'))
  try {
    const node = command[0] === NODE && { [NODE]: process.execPath, ...libraries() }
    const all = { ...node, ...files }
    for (const [target, source] of Object.entries(all)) {
      mkdirSync(join(folder, dirname(target)), { recursive: true })
      cpSync(source, join(folder, target), { recursive: true, dereference: true })
    }
    await fill?.(folder)
    mkdirSync(join(folder, 'tmp'))
    const tar = spawn('tar', ['--owner=0', '--group=0', '-c', '.'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const changes = [`CMD ${JSON.stringify(command)}`, 'ENV PATH=/usr/bin:/bin']
    const [repo, version = 'latest'] = tag.split(':')
    const answer = await docker.importImage(tar.stdout, { repo, tag: version, changes })
    await new Promise((resolve, reject) =>
      docker.modem.followProgress(answer, (error, lines) => {
        const failed = lines?.find((/** @type {{ error?: string }} */ line) => line.error)
        if (error ?? failed) reject(error ?? new Error(failed.error))
        else resolve(undefined)
      }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the image's programs run beside Node, of this host. */
const TOOLS = ['chmod', 'du', 'find', 'flock', 'rm']

/**
 * Builds the Dockerfile without a registry: on bases that are packed here, of this host's Node and with what is
 * built already. npm has nothing left to do in them.
 * @param {import('dockerode')} docker
 * @param {{ tag: string, dockerHost?: string }} image dockerHost: where the client of Docker finds the same Engine
 * @throws {Refusal} when there is no client of Docker, or its build fails
 */
export async function packImage(docker, { tag, dockerHost }) {
  const client = findProgram(['docker'], process.env.PATH)
  if (!client) throw new Refusal('There is no `docker` command here, which the image is built with.')
  const bases = { NODE_IMAGE: 'slipway-base', BUILD_IMAGE: 'slipway-built' }
  const tools = Object.fromEntries(TOOLS.flatMap(programWithLibraries))
  const fill = (/** @type {string} */ root) => gather(join(root, 'slipway'))
  await Promise.all([
    importImage(docker, { tag: bases.NODE_IMAGE, files: tools, command: [NODE] }),
    importImage(docker, {
      tag: bases.BUILD_IMAGE,
      files: { ...Object.fromEntries(programWithLibraries('true')), '/usr/bin/npm': '/bin/true' },
      command: ['/usr/bin/npm'],
      fill,
    }),
  ])
  const args = Object.entries(bases).flatMap((base) => ['--build-arg', base.join('=')])
  const env = { ...process.env, ...(dockerHost && { DOCKER_HOST: dockerHost }) }
  const build = ['build', '--quiet', '--network', 'none', ...args, '--tag', tag, ROOT]
  const { code, output } = await runFor(client, build, { env, quiet: true })
  for (const base of Object.values(bases)) await docker.getImage(base).remove()
  if (code !== 0) throw new Refusal(`The image could not be built (${code}):\n${output}`)
}

/**
 * @param {string} name
 * @returns {[string, string][]} path in the image → file
 */
export function programWithLibraries(name) {
  const program = findProgram([name], process.env.PATH)
  if (!program) throw new Refusal(`There is no \`${name}\` here, which the image needs.`)
  return [[`/usr/bin/${name}`, program], ...Object.entries(libraries(program))]
}

/**
 * @param {string} program
 * @returns {Record<string, string>} the shared libraries that it needs, each at its own path
 */
function libraries(program = process.execPath) {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
  return Object.fromEntries([...listed.matchAll(/\/\S+(?= \()/g)].map(([path]) => [path, path]))
}
