import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startRedis } from '../../test/support/redis'
import { launchesASecond } from './launches-a-second'
import { requestToRunning } from './request-to-running'

/** Needs a build and a redis-server; makes everything else in a folder of its own. */
const PORT = 3990
const url = `http://localhost:${PORT}`
const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
const redis = await startRedis(join(folder, 'redis'))
const dataDir = join(folder, 'data')
const env: Record<string, string | undefined> = {
  ...process.env,
  DATA_DIR: dataDir,
  REDIS_URL: redis.url,
  PORT: String(PORT),
  LOG_LEVEL: 'error',
  TOKEN_CHECKS: 'off',
  NODE_ENV: 'production',
}
const run = (program: string) =>
  spawn(process.execPath, [program], { env: env as NodeJS.ProcessEnv, stdio: 'inherit' })

await once(run('build/tools/migrate.js'), 'exit')
const worker = run('build/worker/index.js')
const web = run('build/web/index.js')
try {
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) await pause(50)
  await requestToRunning({ url, dataDir })
  await launchesASecond(folder, redis.url)
} finally {
  worker.kill('SIGINT')
  web.kill('SIGTERM')
  await Promise.all([once(worker, 'exit'), once(web, 'exit')])
  await redis.kill()
  rmSync(folder, { recursive: true, force: true })
}
