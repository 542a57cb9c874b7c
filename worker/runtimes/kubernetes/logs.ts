import type { V1Pod } from '@kubernetes/client-node'
import { logFolder } from '../../../log-files'
import { LaunchError } from '../../launch-errors'
import type { Entry } from '../../logs/recorder'
import { type LogSource, SECRET_VARIABLES } from '../follow-logs'
import { ask, type Cluster, statusOf, tolerating } from './cluster'
import { linesOf } from './lines'
import { LABEL, ofInstallation } from './names'
import { listPods } from './pods'

/** A longer line is several entries. */
const LINE_MAX = 65_536
/** So long one answer is read at most: of a node that was lost in the middle of it nothing more comes, not even an end. */
const FOLLOW_MAX_MS = 5 * 60_000

/** Of the containers of a Pod that have printed something, or may have. */
export const outputIds = ({ metadata, status }: V1Pod): string[] =>
  (status?.containerStatuses ?? [])
    .filter(({ state }) => state?.running || state?.terminated)
    .map(({ name }) => [metadata?.name, metadata?.uid, name].join('/'))

const partsOf = (id: string) => {
  const [name = '', uid = '', container = ''] = id.split('/')
  return { name, uid, container }
}

/** What containers print, of which their node keeps some while they exist. Their secrets are in their Secret. */
export function podOutput(
  cluster: Cluster,
  {
    dataDir,
    installationId,
    followMaxMs = FOLLOW_MAX_MS,
  }: { dataDir: string; installationId: string; followMaxMs?: number },
): LogSource {
  const { api, namespace } = cluster

  async function secretsOf(name: string, container: string): Promise<string[]> {
    const { data = {} } = await ask(() => api.readNamespacedSecret({ namespace, name }))
    return Object.entries(data).flatMap(([key, value]) => {
      const [service, variable = ''] = key.split('.')
      const isSecret = service === container && SECRET_VARIABLES.has(variable)
      return isSecret ? [Buffer.from(value, 'base64').toString()] : []
    })
  }

  return {
    list: async (signal) =>
      (await listPods(cluster, ofInstallation(installationId), signal)).items.flatMap(outputIds),

    async find(id, signal) {
      const { name, uid, container } = partsOf(id)
      const pod = await tolerating(
        [404],
        ask(() => api.readNamespacedPod({ namespace, name }), signal),
      )
      if (pod?.metadata?.uid !== uid) return undefined
      const state = pod.status?.containerStatuses?.find((status) => status.name === container)?.state
      const labels = pod.metadata.labels ?? {}
      return {
        log: {
          folder: logFolder(dataDir, labels[LABEL.machine] ?? ''),
          service: container,
          attempt: Number(labels[LABEL.attempt]),
        },
        secrets: await secretsOf(name, container),
        hasEnded: Boolean(state?.terminated),
      }
    },

    async open(id, since, signal) {
      const { name, container } = partsOf(id)
      const query = {
        container,
        follow: 'true',
        timestamps: 'true',
        ...(since && { sinceTime: since }),
      }
      const limit = AbortSignal.timeout(followMaxMs)
      const stream = await cluster.stream(`pods/${name}/log`, query, AbortSignal.any([signal, limit]))
      return entriesOf(stream, since ?? '')
    },

    /** The API went away, refused, or cut off its answer; or that was read for long enough. */
    mayPass(error) {
      const { code = '', name } = error as NodeJS.ErrnoException
      const isOfStream = ['ECONNRESET', 'ABORT_ERR', 'EPIPE'].includes(code) || name === 'TimeoutError'
      return isOfStream || error instanceof LaunchError || statusOf(error) !== undefined
    },
  }
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /

/**
 * The time that a line begins with, and how long that is there. In UTC, as nodes write their own time zones and
 * times are compared as text; apart from its nanoseconds, which a Date would lose.
 */
function stampOf(line: string): { time: string; length: number } | undefined {
  const [stamp, seconds, fraction = '', zone] = STAMP.exec(line) ?? []
  const date = new Date(`${seconds}${zone}`)
  if (stamp === undefined || Number.isNaN(date.getTime())) return undefined
  return { time: `${date.toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`, length: stamp.length }
}

/**
 * Lines with their time before them. Of one that comes in pieces only the first has it, and what a node says of
 * itself has none: those go with the line before.
 * @param since what is older is left out, as the API goes by whole seconds
 */
export async function* entriesOf(stream: AsyncIterable<Buffer>, since: string): AsyncGenerator<Entry[]> {
  let time = ''
  let isWhole = true
  for await (const lines of linesOf(stream, LINE_MAX))
    yield lines.flatMap((line) => {
      const stamp = isWhole ? stampOf(line) : undefined
      if (stamp) time = stamp.time
      isWhole = line.endsWith('\n')
      return time < since ? [] : [{ time, text: line.slice(stamp?.length) }]
    })
}
