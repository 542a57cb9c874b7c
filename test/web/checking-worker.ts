import { beat } from '~/db/workers'
import { issuerChecks } from '~/worker/checks'
import type { Job } from '~/worker/queue'
import { beating } from '../support/beat'
import { PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'
import type { SiteOptions, startSite } from './site'

type Site = Awaited<ReturnType<typeof startSite>>

/** Does the checks among a site's jobs with the worker's own code, once it is there. */
export function checkingWorker() {
  let work: (job: Job) => void = () => undefined
  const onJob: SiteOptions['onJob'] = (job) => work(job)
  return {
    onJob,
    begin(site: Site) {
      const { db, clock, services } = site
      const { installation, issuers } = services
      heartbeat(site)
      const deps = { ...testDeps(new PromptRuntime()).deps, db, installation, clock, issuers }
      const checks = issuerChecks(deps, new AbortController().signal)
      work = (job) => {
        if (job.job === 'check-token' || job.job === 'check-model') void checks.begin(job)
      }
    },
  }
}

/** Says that a worker is there. */
export const heartbeat = ({ db, clock, services }: Site) =>
  beat(db, beating('worker', clock()), services.installation.keyring(), clock)
