import { expect, test } from 'vitest'
import { claimDiskMeasure } from '~/db/disk-usage'
import { listUnused } from '~/db/machine-let-go'
import { expireRequests, forgetRequests, listKeptResults } from '~/db/model-request-keeping'
import { placeRequests } from '~/db/model-request-places'
import { listForsaken, nextWaiting } from '~/db/model-request-work'
import { listModelRequests, requestsAhead } from '~/db/model-requests'
import { requestSite } from '../requests/site'

/** How SQLite goes about a query, for each that the work sends which looks at requests. */
function plansOf({ db }: ReturnType<typeof requestSite>, work: () => unknown): string[] {
  const { $client } = db
  const { prepare } = $client
  const sent: string[] = []
  $client.prepare = (source: string) => {
    sent.push(source)
    return prepare.call($client, source) as never
  }
  work()
  $client.prepare = prepare
  return sent
    .filter((source) => source.includes('"model_requests"') && !source.startsWith('insert'))
    .flatMap((source) => {
      const rows = prepare.call($client, `explain query plan ${source}`) as {
        all(...given: unknown[]): unknown[]
      }
      const given = Array(source.split('?').length - 1).fill(1)
      return (rows.all(...given) as { detail: string }[]).map(({ detail }) => detail)
    })
    .filter((detail) => / model_requests\b/.test(detail))
}

const OPEN = 'INDEX model_requests_by_user_and_end (user_id=? AND ended_at=?'

test.each<[string, (site: ReturnType<typeof requestSite>) => unknown, string]>([
  ['a call', ({ call }) => call(), OPEN],
  ['a place in the queue', ({ db, row, call }) => requestsAhead(db, row(call())), OPEN],
  ['what waits', ({ db, admin }) => nextWaiting(db, admin.id, 1), OPEN],
  ['placing', ({ db, admin, deps }) => placeRequests(db, admin.id, { ...deps, leaseMs: 1, max: 1 }), OPEN],
  ['unused machines', ({ db }) => listUnused(db, 1), OPEN],
  ['the list', ({ db, admin }) => listModelRequests(db, admin.id, { limit: 1 }), 'model_requests_by_user '],
  [
    'the list of a model',
    ({ db, admin }) => listModelRequests(db, admin.id, { modelId: 'ada/one', limit: 1 }),
    'model_requests_by_user_and_model (user_id=? AND model_id=?',
  ],
  ['kept results', ({ db, admin }) => listKeptResults(db, admin.id), 'model_requests_kept (user_id=?'],
  [
    'expiry',
    ({ db, clock }) => expireRequests(db, { keptMs: 1, limit: 1, clock }),
    'model_requests_to_expire',
  ],
  ['forgetting', ({ db, clock }) => forgetRequests(db, { limit: 1, clock }), 'model_requests_by_end'],
  ['what nobody holds', ({ db }) => listForsaken(db, 1, 1), 'model_requests_unsettled'],
  [
    'files to measure',
    ({ db, clock }) => claimDiskMeasure(db, { everyMs: 1, clock }),
    'model_requests_by_user_and_end (user_id=? AND ended_at>?',
  ],
])('no history of requests is gone through for %s', (_what, work, index) => {
  const site = requestSite()
  const plans = plansOf(site, () => work(site))
  expect(plans.filter((plan) => plan.includes(index))).not.toEqual([])
  expect(plans.filter((plan) => !/^SEARCH .* USING .*INDEX/.test(plan))).toEqual([])
  expect(plans.filter((plan) => /idempotency_key \(user_id=\?\)/.test(plan))).toEqual([])
})
