import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createHttpServer } from '~/app/server/http'
import { builtPages } from '~/app/server/pages'
import { openServices } from '~/app/server/services'
import { openInstallation } from '~/db/installation'
import { openDb } from '~/db/open'
import { migrateDb } from '~/db/schema-version'
import { parseSettings } from '~/env'
import { settingsInForce } from '~/settings-in-force'
import { startRedis } from '../test/support/redis'
import { type Demo, fillWithDemo } from './demo'
import { NOW } from './moments'

const PORT = 3995
const SIZES = [
  { name: 'standard', label: 'Standard', cpus: 8, memoryGiB: 32 },
  { name: 'l4', label: 'One L4', cpus: 8, memoryGiB: 64, gpus: { count: 1, kind: 'NVIDIA L4' } },
  { name: 'a100', label: 'One A100', cpus: 16, memoryGiB: 128, gpus: { count: 1, kind: 'NVIDIA A100' } },
]

/**
 * Slipway's web side as it is built, on a clock that stands still, with people and machines to show. No worker: what
 * one would write is written with the same functions, and nothing changes while pictures are taken.
 * @param picture a PNG that came out of models
 */
export async function startDemo(picture: Buffer) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-screenshots-'))
  const redis = await startRedis(join(folder, 'redis'))
  const dataDir = join(folder, 'data')
  const db = openDb(join(dataDir, 'slipway.db'))
  migrateDb(db)
  const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, () => NOW)
  const demo: Demo = fillWithDemo({ db, installation, dataDir }, picture)
  db.$client.close()

  const url = `http://localhost:${PORT}`
  const sizesFile = join(folder, 'machines.json')
  writeFileSync(sizesFile, JSON.stringify(SIZES))
  const source = {
    PORT: String(PORT),
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    RUNTIME: 'docker',
    COMFYUI_IMAGE: 'slipway-comfyui',
    TRAINER_IMAGE: 'slipway-trainer',
    MACHINES_CONFIG: sizesFile,
    MACHINES_PER_USER: '4',
    SESSION_HOURS: '12',
    IDLE_MINUTES: '60',
    DISK_PER_USER_GIB: '500',
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'Slipway <slipway@example.org>',
  }
  const settings = parseSettings(source)
  const opened = openServices(settings, settingsInForce(source), pino({ level: 'silent' }), undefined)
  const services = { ...opened.services, clock: () => NOW }
  const server = createHttpServer({ settings, services, pages: await builtPages(), development: false })
  await new Promise<void>((resolve) => server.listen(PORT, '127.0.0.1', resolve))

  return {
    url,
    demo,
    async end() {
      server.close()
      server.closeAllConnections()
      await opened.close()
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
