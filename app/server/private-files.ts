import { realpathSync } from 'node:fs'
import { basename, dirname, join, normalize, sep } from 'node:path'
import type { RequestHandler } from 'express'

/**
 * Vite answers with any file below its root and, by `/@fs/`, with others. This refuses every spelling of a
 * path that leads into the data folder or to an .env file, before Vite sees the request.
 * @param dataDir absolute
 */
export function refusePrivateFiles(root: string, dataDir: string): RequestHandler {
  const folder = comparable(dataDir)
  const leadsIntoFolder = (path: string) =>
    [path, join(root, path), join(root, 'public', path)]
      .map(comparable)
      .some((file) => file === folder || file.startsWith(folder + sep))

  return (req, res, next) => {
    const path = filePath(req.originalUrl)
    if (!/\/\.env/i.test(path) && !leadsIntoFolder(path)) return next()
    res.status(403).type('text').send('Files of DATA_DIR and .env are never served.\n')
  }
}

/** What a URL names once nothing in it is encoded, without the prefixes by which Vite takes absolute paths. */
function filePath(url: string): string {
  const path = decodeFully(url.replace(/\?.*/s, '')).replaceAll('\\', '/').replaceAll('__x00__', '')
  return normalize(path.replaceAll('\0', '')).replace(/^(\/@(fs|id))+(?=\/)/, '')
}

function decodeFully(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    return decoded === text ? text : decodeFully(decoded)
  } catch {
    return text // a lone %, by now
  }
}

/** Without symbolic links, and in lower case as some file systems don't tell the cases apart. */
const comparable = (path: string) => withoutLinks(normalize(path)).toLowerCase()

function withoutLinks(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(withoutLinks(parent), basename(path))
  }
}
