import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { extract, pack } from 'tar-stream'
import { expect, onTestFinished, test } from 'vitest'
import { packFile } from '~/backup/pack'
import { packFolder } from '~/worker/runtimes/workspaces/pack'
import { temporaryFolder } from '../support/temp-folder'

const SIZE = 8 * 1024 ** 3 + 5
const NAME = 'model.safetensors'

/** A folder with one large file that takes no room on the disk. */
function withLargeFile() {
  const { path, remove } = temporaryFolder()
  onTestFinished(remove)
  const root = join(path, 'root')
  mkdirSync(root)
  writeFileSync(join(root, NAME), '')
  truncateSync(join(root, NAME), SIZE)
  return { path, root }
}

/** The beginning of a tar: all that is said of its first file, and of what is in it a little. */
async function beginningOf(tar: Readable): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of tar) {
    pieces.push(piece)
    if (Buffer.concat(pieces).length > 4096) break
  }
  return Buffer.concat(pieces)
}

test.each([
  [
    'cloud save',
    (root: string) =>
      packFolder(
        root,
        { secrets: [], note: () => undefined, onBytes: () => undefined },
        AbortSignal.timeout(9000),
      ),
  ],
  [
    'backup',
    (root: string) => {
      const tar = pack()
      packFile(tar, NAME, join(root, NAME), () => undefined).catch(() => undefined)
      const out = tar.pipe(new PassThrough())
      return out.once('close', () => tar.destroy())
    },
  ],
])(
  'a %s says the size of a file of 8 GiB and more as GNU tar and a restore read it',
  async (_what, packed) => {
    const { path, root } = withLargeFile()
    const beginning = await beginningOf(packed(root))
    const reader = extract()
    const entry = once(reader, 'entry')
    reader.write(beginning)
    expect((await entry)[0]).toMatchObject({ name: NAME, size: SIZE })
    reader.destroy()

    const tar = join(path, 'one.tar')
    writeFileSync(tar, beginning)
    // The rest of it, which is empty: headers, the file in whole blocks, and the end.
    truncateSync(tar, 3 * 512 + Math.ceil(SIZE / 512) * 512 + 1024)
    expect(execFileSync('tar', ['-tvf', tar], { encoding: 'utf8' })).toMatch(
      new RegExp(` ${SIZE} .* ${NAME}\n$`),
    )
  },
)
