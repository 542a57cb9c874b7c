import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where Node is in the images made here. */
export const NODE = '/usr/bin/node'

/**
 * Makes an image from this host's Node, the libraries that it needs, and files of the project. No registry has a part in it.
 * @param {import('dockerode')} docker
 * @param {{ tag: string, files: Record<string, string>, command: string[] }} image files: path in the image → file or folder
 * @throws {Error} what the Engine or tar said
 */
export async function importImage(docker, { tag, files, command }) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-image-'))
  try {
    const all = { [NODE]: process.execPath, ...libraries(), ...files }
    for (const [target, source] of Object.entries(all)) {
      mkdirSync(join(folder, dirname(target)), { recursive: true })
      cpSync(source, join(folder, target), { recursive: true, dereference: true })
    }
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

/** @returns {Record<string, string>} the shared libraries of this Node, each at its own path */
function libraries() {
  const listed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
  return Object.fromEntries([...listed.matchAll(/\/\S+(?= \()/g)].map(([path]) => [path, path]))
}
