import { readdirSync } from 'node:fs'
import { extname } from 'node:path'
import type { RequestHandler } from 'express'

/** The better first: browsers name gzip first and mean nothing by it. */
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/**
 * Leads to the compressed copies that the build has put beside files, where the browser takes them. Only files: what a
 * page says, which may be a secret beside something that a stranger chose, is never compressed (BREACH).
 * @param folder that `express.static` serves next, on the same mount
 */
export function compressedFiles(folder: string): RequestHandler {
  const names = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }))
  return (req, res, next) => {
    const name = req.path.slice(1)
    if (!names.has(`${name}.gz`)) return next()
    res.vary('Accept-Encoding')
    const accepted = req.acceptsEncodings()
    const [coding, ending] = CODINGS.find(([coding]) => accepted.includes(coding)) ?? []
    if (coding) {
      res.type(extname(name)).set('Content-Encoding', coding)
      req.url = `/${name}${ending}`
    }
    next()
  }
}
