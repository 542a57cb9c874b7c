import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { openInstallation } from '~/db/installation'
import { relaunchMachine } from '~/db/machine-relaunch'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { isBusy, openDb } from '~/db/open'
import { clearProviderToken, saveProviderToken } from '~/db/provider-tokens'
import { seeded } from '../chaos/random'
import { SOMEBODY } from './actors'

/** Writes what the web writes, as fast as it can, until it is killed. */
const { dataDir, userId, seed } = JSON.parse(process.env.WRITER ?? '')
const db = openDb(join(dataDir, 'slipway.db'))
const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
const deps = { db, installation, clock: Date.now }
const random = seeded(seed)
const launched: string[] = []
const launch = () => {
  const ref = launchMachine(db, { userId, kind: 'comfyui', name: 'One' }, SOMEBODY, Date.now)
  launched.push(ref.machineId)
}
const requests = [
  launch,
  () => launched.length && stopMachine(db, userId, random.oneOf(launched), SOMEBODY, Date.now),
  () => launched.length && relaunchMachine(db, userId, random.oneOf(launched), SOMEBODY, Date.now),
  () => saveProviderToken(deps, userId, 'huggingface', 'hf_CANARYwritten', SOMEBODY),
  () => clearProviderToken(db, userId, 'huggingface', SOMEBODY, Date.now),
]
launch()
for (;;) {
  try {
    random.oneOf(requests)()
    console.log('wrote')
  } catch (error) {
    if (!isBusy(error)) throw error
  }
  await turn()
}
