import { join } from 'node:path'
import { openInstallation } from '~/db/installation'
import { launchMachine } from '~/db/machine-requests'
import { openDb } from '~/db/open'
import { openLaunchQueue } from '~/worker/queue'
import { SOMEBODY } from './actors'

/** A web process that is killed in a request, right after it added the job of a launch. */
const [dataDir = '', redisUrl = '', userId = '', idempotencyKey = ''] = process.argv.slice(2)
const db = openDb(join(dataDir, 'slipway.db'))
const { id } = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
const queue = openLaunchQueue({ redisUrl, installationId: id }, () => undefined)
const ref = launchMachine(db, { userId, kind: 'comfyui', name: 'One', idempotencyKey }, SOMEBODY, Date.now)
await queue.add({ job: 'launch', ...ref })
process.kill(process.pid, 'SIGKILL')
