import type Docker from 'dockerode'
import { logFolder, type ServiceLog } from '../../../log-files'
import { LaunchError } from '../../launch-errors'
import type { Entry } from '../../logs/recorder'
import { type LogSource, SECRET_VARIABLES } from '../follow-logs'
import { environmentOf } from './containers'
import { ask, statusOf, tolerating } from './engine'
import { engineTime, entryOf, pieceReader } from './log-entries'
import { LABEL, ofInstallation } from './names'

/** States in which a container has printed all that it will. */
const ENDED = ['exited', 'dead']

/**
 * What containers print, of which the Engine keeps the newest while they exist. Their secrets are found in
 * their own environment.
 */
export function containerOutput(
  docker: Docker,
  settings: { dataDir: string; installationId: string },
): LogSource {
  const logOf = ({ Config: { Labels } }: Docker.ContainerInspectInfo): ServiceLog => ({
    folder: logFolder(settings.dataDir, Labels[LABEL.machine] ?? ''),
    service: Labels[LABEL.service] ?? '',
    attempt: Number(Labels[LABEL.attempt]),
  })

  return {
    async list(signal) {
      const wanted = { all: true, ...ofInstallation(settings.installationId) }
      const found = await ask(docker.listContainers(wanted), { signal })
      return found.filter(({ State }) => State !== 'created').map(({ Id }) => Id)
    },

    async find(id, signal) {
      const info = await tolerating([404], ask(docker.getContainer(id).inspect(), { signal }))
      if (!info || info.State.Status === 'created') return undefined
      const secrets = [...environmentOf(info.Config.Env)].flatMap(([name, value]) =>
        SECRET_VARIABLES.has(name) ? [value] : [],
      )
      return { log: logOf(info), secrets, hasEnded: ENDED.includes(info.State.Status) }
    },

    async open(id, since, signal) {
      const options = {
        stdout: true,
        stderr: true,
        timestamps: true,
        follow: true,
        abortSignal: signal,
      } as const
      // As text: a number has not enough digits.
      const from = since === null ? {} : { since: engineTime(since) as unknown as number }
      const stream = await ask(docker.getContainer(id).logs({ ...options, ...from }), { signal })
      return entriesOf(stream as NodeJS.ReadableStream)
    },

    /** The Engine went away, refused, or cut off its answer. */
    mayPass(error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      const isOfStream = ['ECONNRESET', 'ABORT_ERR', 'EPIPE'].includes(code)
      return isOfStream || error instanceof LaunchError || statusOf(error) !== undefined
    },
  }
}

async function* entriesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Entry[]> {
  const read = pieceReader()
  for await (const chunk of stream) yield read(chunk as Buffer).map(entryOf)
}
