import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { listMachines } from '~/db/machines'
import { createSession } from '~/db/sessions'
import { beat } from '~/db/workers'
import { listen } from '../fakes/listen'
import { SOMEWHERE } from '../support/actors'
import { beating } from '../support/beat'
import { testInstallation } from '../support/installation'
import { until } from '../support/until'

test('fault 10: Redis is away when the web starts: the site is up, a launch is queued, and health says what is missing', async () => {
  const { dataDir, db, installation, admin } = testInstallation()
  const { url, close } = await listen(() => undefined)
  await close()
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    PORT: new URL(url).port,
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    REDIS_URL: `unix://${dataDir}/nobody-listens.sock`,
    TOKEN_CHECKS: 'off',
  } as NodeJS.ProcessEnv
  const web = spawn(process.execPath, ['build/web/index.js'], { env, stdio: 'ignore' })
  const ended = once(web, 'exit')
  onTestFinished(async () => {
    web.kill('SIGKILL')
    await ended
  })
  await until('the web answers', () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  beat(db, beating('one', Date.now()), installation.keyring(), Date.now)

  const cookie = `slipway_session=${createSession(db, { userId: admin.id, from: SOMEWHERE }, Date.now)}`
  const launch = await fetch(`${url}/trpc/machines.launch`, {
    method: 'POST',
    headers: { cookie, origin: url, 'content-type': 'application/json' },
    body: '{"name":"One"}',
  })
  expect(launch.status).toBe(200)
  expect(listMachines(db, admin.id)).toMatchObject([{ name: 'One', status: 'queued' }])
  expect((await fetch(`${url}/machines`, { headers: { cookie } })).status).toBe(200)
  const ready = await fetch(`${url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, missing: ['redis'] }])
  expect(web.exitCode).toBeNull()
})
