import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { listMachines } from '~/db/machines'
import { startFakeHub } from '../fakes/hub'
import { startFilebrowser } from '../filebrowser/harness'
import { SOMEBODY } from '../support/actors'
import { noMount, smallDisk } from '../support/small-disk'
import { startSite } from '../web/site'

const MIB = 1024 ** 2
/** Nobody knows better until the disk says so. */
const freeBytes = async () => 100 * MIB

describe.skipIf(noMount)('fault 42: the disk is full', () => {
  test('under the database: requests are refused with the reason, pages stay, and nothing is half written', async () => {
    const disk = smallDisk(8)
    const { db, admin, signedIn, clock } = await startSite()
    const browser = signedIn(admin)
    const launch = () =>
      launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, Date.now)
    const count = () => listMachines(db, admin.id, { limit: 1e6 }).length
    disk.fill()
    let launched = 0
    // What the database had written before, and may write again, takes some.
    expect(() => {
      for (;;) launched += launch() ? 1 : 0
    }).toThrow('database or disk is full')
    const refused = await browser.mutate('machines.launch', { kind: 'comfyui' })
    expect(refused.status).toBe(503)
    expect(JSON.parse(refused.text).error.message).toBe(
      'The disk of the server is full, so nothing was saved. Its administrator has to make room.',
    )
    expect(count()).toBe(launched)
    expect(db.$client.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
    // Late enough for the session's use to be written down again.
    clock.advance(5 * 60_000)
    expect((await browser.get('/machines')).status).toBe(200)
    disk.free()
    launch()
    expect(count()).toBe(launched + 1)
  })

  describe('under the models', () => {
    const MODEL = randomBytes(2 * MIB)
    let hub: Awaited<ReturnType<typeof startFakeHub>>
    beforeAll(async () => {
      hub = await startFakeHub({ repos: { 'open/model': { files: { 'model.safetensors': MODEL } } } })
    })
    afterAll(() => hub.close())

    test('an upload answers 507, and leaves neither a part nor a changed file', async () => {
      smallDisk(1)
      const { call, filesOnDisk } = await startFilebrowser({ freeBytes })
      expect((await call('PUT', 'file?path=a.txt', 'first')).status).toBe(204)
      const { status, json } = await call('PUT', 'file?path=a.txt&overwrite=1', MODEL)
      expect([status, json.error.code]).toEqual([507, 'disk_full'])
      expect(await filesOnDisk()).toEqual(['a.txt'])
      expect((await call('GET', 'file?path=a.txt')).text).toBe('first')
    })

    test('a download is refused with the reason, leaves nothing, and comes through once there is room', async () => {
      const disk = smallDisk(3)
      const { call, download, filesOnDisk } = await startFilebrowser({
        env: { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.storage.host },
        freeBytes,
      })
      const url = 'https://huggingface.co/open/model/blob/main/model.safetensors'
      disk.fill()
      // Not even what was asked for could be written down.
      const refused = await call('POST', 'downloads', { source: url, folder: 'models' })
      expect([refused.status, refused.json.error.code]).toEqual([507, 'disk_full'])
      expect(await filesOnDisk()).toEqual([])
      disk.free()
      expect(await download(url, 'models')).toMatchObject({ state: 'done', verified: 'sha256' })
      expect(await filesOnDisk()).toEqual(['models/model.safetensors'])
    })
  })
})
