import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { launch, machineStatus, openSite, saveToken } from './pages'

const site = openSite({ TOKEN_CHECKS: 'off' })

it('while Slipway runs the keys are rotated and the old one removed, and nobody notices', {
  timeout: 90_000,
}, async () => {
  const file = join(site.app.dataDir, 'token-keys')
  const keys = () => readFileSync(file, 'utf8').trim().split('\n')
  const environmentOf = (url: string) =>
    site.app
      .processesOf(url.split('/').at(-1) ?? '')
      .map(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'utf8'))
      .join()

  await site.withPage({}, async (page) => {
    await saveToken(page, 'Hugging Face', 'hf_CANARYbefore')
    const [old = ''] = keys()
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/keys-rotate.mjs'], {
      env: { ...process.env, NODE_ENV: 'production', DATA_DIR: site.app.dataDir },
    })
    expect(stdout).toMatch(new RegExp(`Key [0-9a-f]{8} may go: line 2 of ${file}\\.`))
    expect(keys()[1]).toBe(old)
    for (const key of keys()) expect(stdout).not.toContain(key)

    writeFileSync(file, `${keys()[0]}\n`)
    await saveToken(page, 'Civitai', 'CANARYafter')
    await launch(page, 'Rotated')
    await machineStatus(page, 'Running')
    const environment = environmentOf(page.url())
    expect(environment).toContain('HF_TOKEN=hf_CANARYbefore')
    expect(environment).toContain('CIVITAI_TOKEN=CANARYafter')
  })
})
