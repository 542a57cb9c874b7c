import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '~/test/support/free-port'
import { startProgram } from '~/test/support/start-program'
import { temporaryFolder } from '~/test/support/temp-folder'
import { until } from '~/test/support/until'
import { driverOf, ignore, never } from './driver'
import { plainPicture } from './workflows'

const PROGRAM = join(process.cwd(), 'test/support/programs/comfyui.mjs')

async function start(workspace: string) {
  const PORT = String(await freePort())
  const env = { HOST: '127.0.0.1', PORT, WORKSPACE: workspace }
  const program = await startProgram(PROGRAM, { env, readyLine: /^To see the GUI go to/ })
  onTestFinished(() => program.signal('SIGKILL'))
  return { ...program, url: `http://127.0.0.1:${PORT}` }
}

test('a ComfyUI that was killed knows nothing of its prompts, and no prompt runs again by looking for it', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const first = await start(folder.path)
  const faults = JSON.stringify({ holdNode: 'EmptyImage' })
  await fetch(`${first.url}/__faults`, { method: 'POST', body: faults })
  const ours = randomUUID()
  await driverOf(first).submit(ours, plainPicture(), never())
  await until('it runs', async () => (await driverOf(first).find(ours, never())).state.kind === 'running')
  first.signal('SIGKILL')
  await first.ended

  const second = await start(folder.path)
  const comfy = driverOf(second)
  expect(await comfy.find(ours, never())).toMatchObject({ state: { kind: 'unknown' } })
  await comfy.cancel(ours, never())
  await expect(comfy.follow(ours, plainPicture(), ignore, never())).rejects.toMatchObject({
    errorClass: 'comfyui_unreachable',
  })
  const accepted = await (await fetch(`${second.url}/__prompts`)).json()
  expect(accepted).toEqual([{ id: ours, mark: ours }])
})
