import { resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import { downloads } from '~/db/schema'
import type { DownloadView } from '~/filebrowser/contract'
import { finishedDownloads } from '~/worker/finished-downloads'
import { launch } from '~/worker/launch'
import { processRuntime } from '~/worker/runtimes/process/runtime'
import { upkeep } from '~/worker/upkeep'
import { startFakeHub } from '../fakes/hub'
import { SOMEBODY } from '../support/actors'
import { bundled } from '../support/bundle'
import { SERVICE_SETTINGS } from '../support/service-settings'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'
import { startSite } from '../web/site'

const MINUTE = 60_000
const never = new AbortController().signal

/**
 * A machine with the real file manager in a process of its own, the web side in front of it, and a worker without its
 * loops. Only time is not real: `pass` lets it go on.
 */
async function siteWithRealMachine() {
  const hub = await startFakeHub({
    repos: { 'org/model': { files: { 'a.safetensors': Buffer.alloc(100_000, 'a'), 'b.safetensors': 'b' } } },
  })
  onTestFinished(() => hub.close())
  const site = await startSite()
  const { dataDir, db, clock, admin } = site
  const { installation } = site.services
  const runtime = processRuntime({
    dataDir,
    installationId: installation.id,
    comfyuiCommand: undefined,
    trainerCommand: undefined,
    filebrowserProgram: resolve('build/filebrowser/index.js'),
    startTimeoutMs: 20_000,
    stopGraceMs: 5000,
    logs: { program: await bundled('worker/logs/writer.ts'), bytesMax: 100_000 },
    environment: process.env,
  })
  const deps = {
    ...testDeps(runtime, { ...site, installation }).deps,
    machineLimits: { idleMs: 60 * MINUTE },
    forServices: {
      ...SERVICE_SETTINGS,
      huggingfaceEndpoint: hub.url,
      downloadHosts: [hub.storage.host],
      downloadsAtOnce: 1,
    },
  }
  const ref = launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  onTestFinished(() => runtime.stop(ref.machineId))
  await launch(deps, ref, never)

  const { visitor: program } = site.withApiToken(admin, ['machines:write'])
  const files = site.serviceUrl(ref.machineId)
  const passes = [upkeep(deps, never), finishedDownloads(deps, never)]
  return {
    hub,
    clock,
    noted: () => db.select().from(downloads).all(),
    status: () => findMachine(db, ref.machineId)?.status,
    said: () => getMachine(db, admin.id, ref.machineId)?.events.at(-1)?.text,
    /** Lets minutes go by, one after the other. */
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE)
        for (const look of passes) await look()
      }
    },
    put: (path: string) => program.ask(`${files}api/file?path=${path}`, { method: 'PUT', body: 'x' }),
    async post(path: string, body: object) {
      const headers = { 'content-type': 'application/json' }
      const sent = { method: 'POST', headers, body: JSON.stringify(body) } as const
      const { status, text } = await program.ask(`${files}api/${path}`, sent)
      expect([status < 300, text]).toEqual([true, text])
    },
    /** The state of each download, the newest first. */
    async states() {
      const { text } = await program.get(`${files}api/downloads`)
      return (JSON.parse(text) as DownloadView[]).map(({ state }) => state)
    },
  }
}

test('a machine that downloads is never stopped for being idle; one whose downloads are paused or done is', async () => {
  const { hub, status, said, noted, pass, put, post, states } = await siteWithRealMachine()
  hub.misbehave('stall')
  for (const name of ['a', 'b'])
    await post('downloads', {
      source: `${hub.url}/org/model/resolve/main/${name}.safetensors`,
      folder: 'models/loras',
    })
  await until('one is under way and one waits', async () => (await states()).join() === 'queued,downloading')
  await pass(3 * 60)
  expect([status(), said()]).toEqual(['running', 'Running'])

  await post('downloads/actions', { action: 'pause', ids: 'all' })
  await until('both are paused', async () => (await states()).join() === 'paused,paused')
  await pass(56)
  expect(said()).toBe('Nobody uses it: it is stopped in 5 minutes')
  // Somebody's upload is use, too.
  expect((await put('input/picture.png')).status).toBeLessThan(300)
  expect([status(), said()]).toEqual(['running', 'In use again: it isn’t stopped for being idle'])
  await pass(50)

  hub.misbehave(undefined)
  await post('downloads/actions', { action: 'resume', ids: 'all' })
  await until('both are done', async () => (await states()).join() === 'done,done')
  await pass(1)
  expect(
    noted()
      .map(({ name, bytes }) => `${name} ${bytes}`)
      .sort(),
  ).toEqual(['a.safetensors 100000', 'b.safetensors 1'])
  await pass(53)
  expect(status()).toBe('running')
  await pass(7)
  expect(status()).toBe('stopping')
})
