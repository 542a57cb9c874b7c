import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Faults } from '../support/comfyui/faults.mjs'
import { startComfyUi } from '../support/comfyui/server.mjs'
import { temporaryFolder } from '../support/temp-folder'

interface FakeComfyUiOptions {
  faults?: Faults
  /** What nodes of the class `Environment` see. */
  environment?: Record<string, string>
  /** Model files that it has, from `models` on. */
  models?: string[]
}

/** A ComfyUI of a test's own, with a workspace of its own. */
export async function startFakeComfyUi({ models = [], ...options }: FakeComfyUiOptions = {}) {
  const folder = temporaryFolder()
  const server = await startComfyUi({ ...options, workspace: folder.path })
  for (const model of models) {
    const path = join(folder.path, 'models', model)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
  }
  return {
    ...server,
    async close() {
      await server.close()
      folder.remove()
    },
  }
}

export type FakeComfyUi = Awaited<ReturnType<typeof startFakeComfyUi>>
