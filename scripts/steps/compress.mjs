import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TEXT = /\.(js|css|svg|json|txt)$/
/** Less fits into the first packet anyway. */
const LEAST_BYTES = 1024

/** As browsers name them, by the ending of the file. They ask for brotli only over https or from this very machine. */
const CODINGS = {
  br: (/** @type {Buffer} */ content) =>
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  gz: (/** @type {Buffer} */ content) => promisify(gzip)(content, { level: 9 }),
}

/**
 * Puts a compressed copy beside each text below a folder, so that the server has nothing to compress.
 * @param {string} folder
 */
export async function compressFiles(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => TEXT.test(name))
  await Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(folder, name))
      if (content.length < LEAST_BYTES) return
      for (const [ending, compress] of Object.entries(CODINGS))
        await writeFile(join(folder, `${name}.${ending}`), await compress(content))
    }),
  )
}
