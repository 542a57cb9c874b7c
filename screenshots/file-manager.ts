import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DownloadRecord } from '~/filebrowser/downloads/record'
import { newRecord } from '~/filebrowser/downloads/record'
import { createFilebrowser } from '~/filebrowser/server'
import { parseSettings } from '~/filebrowser/settings'
import { startFakeHub } from '../test/fakes/hub'
import { hours, minutesAgo } from './moments'

const TOKEN = `hf_CANARY${'d'.repeat(28)}`
const GB = 1e9
/** Where each file lies, how large it is said to be (it takes no room), and how old. */
const FILES: [path: string, bytes: number, minutes: number][] = [
  ['models/checkpoints/flux1-dev-fp8.safetensors', 17.246 * GB, hours(50)],
  ['models/checkpoints/sd_xl_base_1.0.safetensors', 6.938 * GB, hours(90)],
  ['models/checkpoints/v1-5-pruned-emaonly-fp16.safetensors', 2.132 * GB, hours(400)],
  ['models/loras/lighthouse-dusk-v2.safetensors', 171e6, 140],
  ['models/vae/ae.safetensors', 335e6, hours(50)],
  ['input/reference.png', 412_000, 95],
  ['user/default/workflows/lighthouse.json', 14_200, 61],
]

/** The file manager as it is built, without a Slipway before it, on a workspace with a past. */
export async function startFileManager(picture: Buffer) {
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-workspace-'))
  const put = (path: string, minutes: number, content: Buffer | string, bytes?: number) => {
    const file = join(workspace, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    if (bytes !== undefined) truncateSync(file, bytes)
    utimesSync(file, minutesAgo(minutes) / 1000, minutesAgo(minutes) / 1000)
  }
  for (const [path, bytes, minutes] of FILES) put(path, minutes, '', bytes)
  for (let n = 1; n <= 12; n++)
    put(`output/lighthouse_${String(n).padStart(5, '0')}_.png`, 60 - n * 3, picture)
  put('output/notes.txt', 50, 'The third is the best: calm sea, first star.\nTry 28 steps next.\n')
  for (const folder of ['', 'models', 'input', 'output', 'user'])
    utimesSync(join(workspace, folder), minutesAgo(30) / 1000, minutesAgo(30) / 1000)
  for (const record of downloads()) put(`.slipway/downloads/${record.id}.json`, 10, JSON.stringify(record))

  const model = { content: 'weights', size: 23.8 * GB }
  const hub = await startFakeHub({
    tokens: [TOKEN],
    repos: {
      'black-forest-labs/FLUX.1-dev': {
        gated: true,
        allowed: [TOKEN],
        licence: 'flux-1-dev',
        files: { 'flux1-dev.safetensors': model },
      },
      'stabilityai/stable-diffusion-3.5-large': {
        gated: true,
        allowed: [],
        licence: 'stabilityai',
        files: { 'sd3.5_large.safetensors': { content: 'sd', size: 16.5 * GB } },
      },
    },
  })
  const settings = parseSettings({
    PORT: '0',
    WORKSPACE: workspace,
    SLIPWAY_MACHINE_NAME: 'Studio',
    SLIPWAY_SNAPSHOT_AT: new Date(minutesAgo(102)).toISOString(),
    HF_TOKEN: TOKEN,
    HF_ENDPOINT: hub.url,
  })
  const running = await createFilebrowser(settings, { publicDir: 'build/filebrowser/public' })
  await new Promise<void>((resolve) => running.server.listen(0, '127.0.0.1', resolve))
  const { port } = running.server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    async end() {
      await running.close()
      await hub.close()
      rmSync(workspace, { recursive: true, force: true })
    },
  }
}

/** In every state that lasts. */
function downloads(): DownloadRecord[] {
  const time = (minutes: number) => new Date(minutesAgo(minutes)).toISOString()
  const record = (
    number: number,
    repo: string,
    name: string,
    folder: string,
    size: number,
    minutes: number,
  ) => {
    const source = `https://huggingface.co/${repo}/blob/main/${name}`
    const sha256 = createHash('sha256').update(name).digest('hex')
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
    const asked = { id, number, provider: 'huggingface', source, folder, name, called: name } as const
    return {
      ...newRecord({ ...asked, queuedAt: time(minutes) }),
      target: { folder, name },
      content: { name, folder, size, sha256, version: null, etag: null },
      startedAt: time(minutes),
      sha256,
    }
  }
  const done = (from: DownloadRecord, minutes: number): DownloadRecord => ({
    ...from,
    state: 'done',
    received: from.content?.size ?? 0,
    verified: 'sha256',
    finishedAt: time(minutes),
  })
  const refused = {
    code: 'terms_not_accepted',
    message:
      'stabilityai/stable-diffusion-3.5-large is gated, and your account has not accepted its terms. Accept them there, then retry.',
    link: { href: 'https://huggingface.co/stabilityai/stable-diffusion-3.5-large', label: 'Open the terms' },
  }
  const lora = 'models/loras'
  return [
    done(
      record(1, 'Comfy-Org/flux1-dev', 'flux1-dev-fp8.safetensors', 'models/checkpoints', 17.246 * GB, 100),
      91,
    ),
    done(record(2, 'ada/lighthouse-dusk', 'lighthouse-dusk-v2.safetensors', lora, 171e6, 80), 79),
    {
      ...record(
        3,
        'stabilityai/stable-diffusion-3.5-large',
        'sd3.5_large.safetensors',
        'models/checkpoints',
        16.5 * GB,
        20,
      ),
      state: 'failed',
      error: refused,
      finishedAt: time(20),
      sha256: null,
    },
    {
      ...record(
        4,
        'Wan-AI/Wan2.2-T2V-A14B',
        'wan2.2_t2v_high_noise_14B.safetensors',
        'models/diffusion_models',
        28.6 * GB,
        15,
      ),
      state: 'paused',
      received: 17.9 * GB,
      sha256: null,
    },
  ]
}
