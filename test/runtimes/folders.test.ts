import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleProgram } from '../support/bundle-program'
import { temporaryFolder } from '../support/temp-folder'

/** Folders of a server that isn't root: root may remove everything, so this needs a process of its own. */
async function folders() {
  const { path, remove } = temporaryFolder()
  onTestFinished(() => {
    // For those whose tests aren't run by root either.
    execFileSync('chmod', ['-R', 'u+rwx', path])
    remove()
  })
  writeFileSync(join(path, 'package.json'), '{"type":"module"}')
  const module = await bundleProgram('worker/runtimes/folders.ts', path)
  const uid = process.getuid?.() === 0 ? 65534 : undefined
  const dataDir = join(path, 'data')
  const [home, workspace] = [join(dataDir, 'machines/m'), join(dataDir, 'workspaces/w')]
  for (const folder of [home, workspace]) {
    mkdirSync(join(folder, 'locked/inner'), { recursive: true })
    writeFileSync(join(folder, 'locked/inner/file'), 'x')
  }
  const own = () => {
    chmodSync(path, 0o755)
    if (uid) execFileSync('chown', ['-R', `${uid}:${uid}`, path])
  }
  const removeAll = () =>
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        'const [module, ...given] = process.argv.slice(1); await (await import(module)).removeFolders(...given)',
        module,
        dataDir,
        'm',
        'w',
      ],
      { cwd: '/', stdio: 'pipe', encoding: 'utf8', ...(uid ? { uid, gid: uid } : {}) },
    )
  return { path, dataDir, home, workspace, own, removeAll }
}

test('a deleted machine’s folders go also where their owner may not write, and nothing behind a link is touched', async () => {
  const { path, home, workspace, own, removeAll } = await folders()
  const outside = join(path, 'outside')
  mkdirSync(outside)
  symlinkSync(outside, join(workspace, 'locked/link'))
  own()
  chmodSync(outside, 0o555)
  for (const folder of [home, workspace]) {
    chmodSync(join(folder, 'locked/inner'), 0)
    chmodSync(join(folder, 'locked'), 0o555)
    chmodSync(folder, 0o555)
  }
  removeAll()
  expect([existsSync(home), existsSync(workspace)]).toEqual([false, false])
  expect(statSync(outside).mode & 0o777).toBe(0o555)
})

test('a workspace goes also with folders in it that lie deeper than a path can name', async () => {
  const { home, workspace, own, removeAll } = await folders()
  const dig = `const fs = require('fs'), name = 'd'.repeat(200)
    for (let n = 0; n < 30; n++) { fs.mkdirSync(name); process.chdir(name) }`
  execFileSync(process.execPath, ['--eval', dig], { cwd: workspace })
  own()
  removeAll()
  expect([existsSync(home), existsSync(workspace)]).toEqual([false, false])
})

test('a home that can’t be removed is told of, and doesn’t keep the workspace', async () => {
  const { dataDir, home, workspace, own, removeAll } = await folders()
  own()
  chmodSync(join(dataDir, 'machines'), 0o555)
  expect(removeAll).toThrow('Permission denied')
  expect([existsSync(home), existsSync(workspace)]).toEqual([true, false])
})
