import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { machines } from '~/db/schema'
import { importImage, NODE } from '~/scripts/steps/image.mjs'
import { noEngine, serviceImage, startEngine, type TestEngine } from '../support/engine'
import { until } from '../support/until'
import { expectQuiet, launch, machineStatus, openSite, saveToken, stopMachine } from './pages'

const TOKEN = 'hf_CANARYinside0123456789'
let engine: TestEngine

/** Chromium drops what it loads while an Engine on its host makes or removes a network, and up to seconds later. */
const DROPPED = /ERR_NETWORK_CHANGED|Failed to fetch|chrome-error:/

/** Does what may be done twice again when it was dropped. */
async function evenIfDropped<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (tries === 1 || !DROPPED.test(String(error))) throw error
    return evenIfDropped(work, tries - 1)
  }
}

/** What a button opens in a page of its own. */
const open = (page: Page, button: string) =>
  evenIfDropped(async () => {
    const opened = page.context().waitForEvent('page')
    await page.getByRole('button', { name: button }).click()
    const service = await opened
    await service.waitForURL(/^(http|chrome-error):/)
    if (DROPPED.test(service.url())) {
      await service.close()
      throw new Error(`${button} opened ${service.url()}`)
    }
    return service
  })

describe.skipIf(noEngine)('with RUNTIME=docker', () => {
  const site = openSite(async () => {
    engine = await startEngine()
    await importImage(engine.docker, {
      tag: 'slipway-filebrowser',
      files: {
        '/filebrowser': join(process.cwd(), 'build/filebrowser'),
        '/filebrowser/package.json': join(process.cwd(), 'images/filebrowser/package.json'),
      },
      command: [NODE, '/filebrowser/index.js'],
    })
    return {
      RUNTIME: 'docker',
      DOCKER_HOST: engine.dockerHost,
      COMFYUI_IMAGE: await serviceImage(engine.docker, 'answers'),
    }
  })
  afterAll(() => engine?.remove())

  const containers = () => engine.docker.listContainers({ all: true })

  it('a creator launches containers, opens both, keeps a file and a model, and stops them', {
    timeout: 90_000,
  }, async () => {
    await site.withPage({}, (page) =>
      expectQuiet(
        page,
        async () => {
          await saveToken(page, 'Hugging Face', TOKEN)
          await launch(page, 'Studio')
          await machineStatus(page, 'Running')
          expect(await containers()).toHaveLength(2)

          const comfyui = await open(page, 'Open ComfyUI')
          expect(comfyui.url()).toMatch(/^http:\/\/m-[a-z2-7]{16}-comfyui\.localhost:\d+\/$/)
          expect(await comfyui.textContent('body')).toContain(`"HF_TOKEN":"${TOKEN}"`)
          await comfyui.close()

          const files = await open(page, 'Open models & files')
          await files.getByRole('link', { name: 'Session' }).click()
          await files.getByText('hf_CAN••••••••••••••••').waitFor()
          const put = (path: string) =>
            evenIfDropped(() =>
              files.evaluate(
                async (path) =>
                  (await fetch(`/api/file?path=${path}&overwrite=1`, { method: 'PUT', body: path })).status,
                path,
              ),
            )
          for (const path of ['output/picture.png', 'output/notes.txt', 'models/loras/mine.safetensors'])
            expect([path, await put(path)]).toEqual([path, 204])
          const moved = await files.evaluate(
            async () =>
              (
                await fetch('/api/move', {
                  method: 'POST',
                  headers: { 'content-type': 'application/json' },
                  body: JSON.stringify({ from: 'output/picture.png', to: 'models/loras/picture.png' }),
                })
              ).status,
          )
          expect(moved).toBe(204)
          await files.close()

          const [row] = site.changeDatabase((db) => db.select().from(machines).all())
          const { dataDir } = site.app
          const read = (path: string) => readFileSync(join(dataDir, path), 'utf8')
          expect(read(`workspaces/${row?.workspaceId}/output/notes.txt`)).toBe('output/notes.txt')
          expect(read(`models/${row?.userId}/loras/mine.safetensors`)).toBe('models/loras/mine.safetensors')
          expect(read(`models/${row?.userId}/loras/picture.png`)).toBe('output/picture.png')
          expect(existsSync(join(dataDir, `workspaces/${row?.workspaceId}/output/picture.png`))).toBe(false)

          await stopMachine(page)
          await until('the containers are gone', async () => (await containers()).length === 0)
          await machineStatus(page, 'Stopped')
        },
        DROPPED,
      ),
    )
  })
})
