import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Router } from 'express'
import { pack } from 'tar-stream'

/** npm's own, so that the same build makes the same bytes. */
const PACKED_AT = new Date('1985-10-26T08:15:00Z')

interface Parts {
  /** Where the build has put the command. */
  folder: string
  /** The server that the command speaks to unless it is told another. */
  publicUrl: string
}

/** `/cli.tgz`: the command line as a package that npm installs, which knows this server. */
export function cliPackage({ folder, publicUrl }: Parts): Router {
  const routes = Router()
  let packed: { builtAt: number; bytes: Buffer } | undefined
  routes.get('/cli.tgz', async (_req, res, next) => {
    try {
      const builtAt = await timeOfBuild(folder)
      if (builtAt !== undefined && packed?.builtAt !== builtAt)
        packed = { builtAt, bytes: await packCommand(folder, publicUrl) }
      // What a build has begun to write meanwhile is no package.
      if (packed === undefined || packed.builtAt !== (await timeOfBuild(folder))) {
        res.status(404).type('text').send('The command line is not built yet. Run: npm run build\n')
        return
      }
      // Asked for again each time, so that an upgrade is never answered from a cache.
      res.set('Cache-Control', 'no-cache').type('application/gzip').send(packed.bytes)
    } catch (error) {
      next(error)
    }
  })
  return routes
}

/** A build takes this file away first, and writes it last. */
const timeOfBuild = (folder: string) =>
  stat(join(folder, 'package.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

async function packCommand(folder: string, publicUrl: string): Promise<Buffer> {
  const archive = pack()
  const add = (name: string, content: Buffer | string) =>
    archive.entry(
      { name: `package/${name}`, mode: name.endsWith('.mjs') ? 0o755 : 0o644, mtime: PACKED_AT },
      content,
    )
  // The source map is twice the size of the rest, and Node reads it only when it is told to.
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.map'))
  for (const name of names.sort()) add(name, await readFile(join(folder, name)))
  add('default-server.json', `${JSON.stringify({ web_base: publicUrl })}\n`)
  archive.finalize()
  return promisify(gzip)(await buffer(archive), { level: 9 })
}
